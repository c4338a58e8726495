/// The thread team: workers that wait for work, first looking, then asleep.
#include "team.h"

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>

/// Waiting threads look so often before they sleep, some 50 microseconds: longer than the pause between two kernels,
/// short enough not to keep others off the processors.
enum { spins_before_sleep = 2000 };

enum { most_members = 1024 };

/// A place where one thread waits until a number changes.
typedef struct {
    _Alignas(64) uint32_t value;
    uint32_t asleep;
    pthread_mutex_t mutex;
    pthread_cond_t condition;
} signal;

static void signal_make(signal *s) {
    s->value = s->asleep = 0;
    pthread_mutex_init(&s->mutex, 0);
    pthread_cond_init(&s->condition, 0);
}

static inline void pause_briefly(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

static uint32_t signal_read(signal *s) { return __atomic_load_n(&s->value, __ATOMIC_SEQ_CST); }

/// Changes the number, and wakes who sleeps for it.
static void signal_set(signal *s, uint32_t value) {
    __atomic_store_n(&s->value, value, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&s->asleep, __ATOMIC_SEQ_CST)) {
        pthread_mutex_lock(&s->mutex);
        pthread_cond_signal(&s->condition);
        pthread_mutex_unlock(&s->mutex);
    }
}

/// Returns once the number is not `old`.
static void signal_await_change(signal *s, uint32_t old) {
    for (int spins = 0; spins < spins_before_sleep; spins++) {
        if (signal_read(s) != old) return;
        pause_briefly();
    }
    pthread_mutex_lock(&s->mutex);
    __atomic_store_n(&s->asleep, 1, __ATOMIC_SEQ_CST);
    while (signal_read(s) == old) pthread_cond_wait(&s->condition, &s->mutex);
    __atomic_store_n(&s->asleep, 0, __ATOMIC_SEQ_CST);
    pthread_mutex_unlock(&s->mutex);
}

typedef struct {
    /// Counts the pieces of work that were given.
    signal work;
    int member;
} worker;

/// One team serves the process. Whoever runs work holds `turn`; the rest is only touched by them and the workers.
static struct {
    pthread_mutex_t turn;
    worker *workers[most_members];
    int count;
    void (*body)(void *, int, int);
    void *context;
    int members;
    /// Members that are not done.
    _Alignas(64) int pending;
    signal done;
} team = {.turn = PTHREAD_MUTEX_INITIALIZER};

/// Whether this thread is doing work of the team; work within that runs on it alone.
static _Thread_local bool is_member;

static void *work_forever(void *argument) {
    worker *self = argument;
    is_member = true;
    for (uint32_t seen = 0;; seen++) {
        signal_await_change(&self->work, seen);
        team.body(team.context, self->member, team.members);
        if (__atomic_sub_fetch(&team.pending, 1, __ATOMIC_SEQ_CST) == 0) signal_set(&team.done, 1);
    }
    return 0;
}

/// Makes workers until there are `count`, or as many as the system gives.
static void hire(int count) {
    if (team.count == 0) signal_make(&team.done);
    while (team.count < count) {
        worker *new_worker = aligned_alloc(64, sizeof(worker));
        if (!new_worker) return;
        signal_make(&new_worker->work);
        new_worker->member = team.count + 1;
        pthread_t thread;
        pthread_attr_t attributes;
        pthread_attr_init(&attributes);
        pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
        int failed = pthread_create(&thread, &attributes, work_forever, new_worker);
        pthread_attr_destroy(&attributes);
        if (failed) {
            free(new_worker);
            return;
        }
        team.workers[team.count++] = new_worker;
    }
}

void espalier_team_run(int members, void (*body)(void *, int, int), void *context) {
    if (members <= 1 || is_member) {
        body(context, 0, 1);
        return;
    }
    pthread_mutex_lock(&team.turn);
    hire(members - 1 < most_members ? members - 1 : most_members);
    if (members > team.count + 1) members = team.count + 1;
    team.body = body;
    team.context = context;
    team.members = members;
    team.done.value = 0;
    __atomic_store_n(&team.pending, members - 1, __ATOMIC_SEQ_CST);
    for (int i = 0; i < members - 1; i++) signal_set(&team.workers[i]->work, team.workers[i]->work.value + 1);
    is_member = true;
    body(context, 0, members);
    is_member = false;
    if (members > 1) signal_await_change(&team.done, 0);
    pthread_mutex_unlock(&team.turn);
}

void espalier_team_wait(int64_t *counter, int members) {
    __atomic_fetch_add(counter, 1, __ATOMIC_ACQ_REL);
    for (int spins = 0; __atomic_load_n(counter, __ATOMIC_ACQUIRE) < members; spins++) {
        pause_briefly();
        // Somebody who is waited for may not have a processor.
        if (spins >= spins_before_sleep) sched_yield();
    }
}
