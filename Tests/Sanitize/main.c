/// Runs the kernels on random work, for the sanitizers that they are compiled with: no kernel leaves its memory, does
/// what C leaves undefined, or races. Results are tested elsewhere, but for those of products, which are different code for
/// each level of vector instructions: here also those of a level that is not the processor's best.
#include "check.h"

int main(void) {
    check_team();
    check_products();
    check_tile_programs();
    check_rows();
    return 0;
}
