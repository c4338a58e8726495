#include "team.h"

// The stable entry points of libgomp (GNU Offloading and Multi Processing Runtime Library), which oneDNN's package
// brings along. Declared here because no header of the library is needed otherwise.
extern void GOMP_parallel(void (*function)(void *), void *data, unsigned threads, unsigned flags);
extern int omp_get_thread_num(void);
extern int omp_get_num_threads(void);
extern void omp_set_num_threads(int);
extern int omp_get_num_procs(void);

typedef struct {
    void (*body)(void *, int, int);
    void *context;
} team_work;

static void team_entry(void *data) {
    team_work *work = data;
    work->body(work->context, omp_get_thread_num(), omp_get_num_threads());
}

void espalier_team_run(int members, void (*body)(void *, int, int), void *context) {
    if (members <= 1) {
        body(context, 0, 1);
        return;
    }
    team_work work = {body, context};
    GOMP_parallel(team_entry, &work, (unsigned)members, 0);
}

void espalier_team_set_size(int members) { omp_set_num_threads(members); }

int espalier_team_default_size(void) { return omp_get_num_procs(); }
