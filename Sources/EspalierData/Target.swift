// EspalierData
