// Nothing: CMake wants a source file where it precompiles headers (cmake/PrecompiledHeaders.cmake).
