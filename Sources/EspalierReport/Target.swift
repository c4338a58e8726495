// EspalierReport
