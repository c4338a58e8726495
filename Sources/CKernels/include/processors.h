/// The processors that the calling thread may run on.
#pragma once

/// How many processors the calling thread's affinity names; 0 where the system does not say.
int espalier_allowed_processors(void);
