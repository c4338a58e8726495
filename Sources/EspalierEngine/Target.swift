// EspalierEngine
