/// Runs the kernels on random work, for the sanitizers that they are compiled with: no kernel leaves its memory, does
/// what C leaves undefined, or races. Results are tested elsewhere, and here too where plain loops can say what they
/// should be: products and convolutions are different code for each level of vector instructions, and here alone run at
/// one that is not the processor's best.
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
