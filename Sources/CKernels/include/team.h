/// The thread team that every kernel shares.
#pragma once

#include <stdint.h>

/// Runs `body(context, member, members)` once on each of `members` threads and returns when all are done.
///
/// With one member, and within the work of another, the body runs on the calling thread. `members` is how many there
/// are: fewer than asked for where the system gives no more threads. Two threads that ask take turns.
void espalier_team_run(int members, void (*body)(void *context, int member, int members), void *context);

/// Returns once all `members` of a running team have called this with the same counter, which was zero before.
void espalier_team_wait(int64_t *counter, int members);
