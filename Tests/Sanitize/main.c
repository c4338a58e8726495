/// Runs the kernels on random work, for the sanitizers that they are compiled with: no kernel leaves its memory, does
/// what C leaves undefined, or races. Results are tested elsewhere, and here where plain loops say what they should be:
/// products and convolutions are different code for each level of vector instructions, so that here also a level that is
/// not the processor's best has to be right.
#include "check.h"

int main(void) {
    check_team();
    check_products();
    check_convolutions();
    check_poolings();
    check_recurrences();
    check_attention();
    check_tile_programs();
    check_rows();
    check_axes();
    return 0;
}
