/// Pieces of work of changing sizes, within one another, from two threads at once, and after sleep.
#include <pthread.h>
#include <unistd.h>

#include "check.h"

enum { most = 6 };

typedef struct {
    int runs[most];
    int64_t first, second;
    int inner[most];
} record;

static void count_inner(void *context, int member, int members) {
    REQUIRE(member == 0 && members == 1);
    ++*(int *)context;
}

/// Plain memory on purpose: nobody but the member may touch its own, until all have waited.
static void work(void *context, int member, int members) {
    record *r = context;
    r->runs[member]++;
    espalier_team_run(members, count_inner, &r->inner[member]);
    if (members == 1) return;
    espalier_team_wait(&r->first, members);
    for (int i = 0; i < members; i++) REQUIRE(r->runs[i] == 1);
    espalier_team_wait(&r->second, members);
    r->runs[member]++;
}

static void *run_often(void *argument) {
    for (int i = 0; i < 300; i++) {
        int members = 1 + (i * 7 + *(int *)argument) % most;
        record r = {0};
        espalier_team_run(members, work, &r);
        for (int m = 0; m < most; m++) {
            REQUIRE(r.runs[m] == (m >= members ? 0 : members == 1 ? 1 : 2));
            REQUIRE(members == 1 || r.inner[m] == (m < members));
        }
        if (i % 100 == 50) usleep(20000);
    }
    return 0;
}

void check_team(void) {
    pthread_t other;
    int here = 0, there = 3;
    run_often(&here);
    REQUIRE(pthread_create(&other, 0, run_often, &there) == 0);
    run_often(&here);
    pthread_join(other, 0);
}
