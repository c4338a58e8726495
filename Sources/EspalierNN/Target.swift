// EspalierNN
