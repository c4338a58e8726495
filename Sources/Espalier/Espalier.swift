// The whole library in one import.
@_exported import EspalierData
@_exported import EspalierDoctor
@_exported import EspalierEngine
@_exported import EspalierGraph
@_exported import EspalierNN
@_exported import EspalierReport
@_exported import EspalierSpec
@_exported import EspalierStudy
@_exported import EspalierTraining
