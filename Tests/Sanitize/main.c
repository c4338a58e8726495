/// Runs the kernels on random work, for the sanitizers that they are compiled with. Whether results are right is tested
/// elsewhere; here that no kernel leaves its memory, does what C leaves undefined, or races.
#include "check.h"

int main(void) {
    check_team();
    check_products();
    check_tile_programs();
    check_rows();
    return 0;
}
