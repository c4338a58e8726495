/// The thread team that every kernel shares with oneDNN: libgomp's, so that nothing is oversubscribed.
#pragma once

#include <stdint.h>

/// Runs `body(context, member, members)` once on each of `members` threads and returns when all are done.
///
/// With one member the body runs on the calling thread.
void espalier_team_run(int members, void (*body)(void *context, int member, int members), void *context);

/// Sets how many threads oneDNN's kernels use on the calling thread's team.
void espalier_team_set_size(int members);

/// How many threads the team would have by default: the processors that this process may run on.
int espalier_team_default_size(void);
