# Most of the time that a file takes to compile goes into the headers of the libraries: clang reads
# them once for all (gcc would gain little, so it does not). A file includes what it needs all the
# same: gcc, and clang-tidy in scripts/lint, see it without these.
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  set(ROLLCALL_PCH_DEFAULT ON)
else()
  set(ROLLCALL_PCH_DEFAULT OFF)
endif()
option(ROLLCALL_PCH "Precompile the headers of the libraries" ${ROLLCALL_PCH_DEFAULT})

# rollcall_precompiled(NAME HEADERS...): a set of headers, for rollcall_use_precompiled.
function(rollcall_precompiled name)
  if(ROLLCALL_PCH)
    add_library(${name} OBJECT ${PROJECT_SOURCE_DIR}/cmake/precompiled.cc)
    target_link_libraries(${name} PRIVATE rollcall_options)
    target_precompile_headers(${name} PRIVATE ${ARGN})
    # Its time would make each build's another one to ccache.
    target_compile_options(${name} PRIVATE "SHELL:-Xclang -fno-pch-timestamp")
  endif()
endfunction()

# To be used by targets of rollcall_options alone: all of them are compiled with the same definitions.
function(rollcall_use_precompiled target name)
  if(ROLLCALL_PCH)
    target_precompile_headers(${target} REUSE_FROM ${name})
  endif()
endfunction()

set(ROLLCALL_STANDARD_HEADERS
  <algorithm> <array> <atomic> <charconv> <chrono> <cstdint> <functional> <map> <memory> <mutex>
  <optional> <set> <span> <string> <string_view> <utility> <variant> <vector>
  <nlohmann/json.hpp>)
rollcall_precompiled(rollcall_headers ${ROLLCALL_STANDARD_HEADERS})
# For what is linked with Asio: its headers alone ask for that.
rollcall_precompiled(rollcall_asio_headers
  ${ROLLCALL_STANDARD_HEADERS}
  <boost/asio/io_context.hpp> <boost/asio/ip/tcp.hpp> <boost/asio/ip/udp.hpp>
  <boost/asio/steady_timer.hpp> <boost/asio/post.hpp> <spdlog/spdlog.h>)
if(BUILD_TESTING OR NOT DEFINED BUILD_TESTING)
  rollcall_precompiled(rollcall_test_headers
    ${ROLLCALL_STANDARD_HEADERS}
    <filesystem> <fstream> <future> <random> <sstream> <thread>
    <spdlog/spdlog.h> <httplib.h> <gmock/gmock.h> <gtest/gtest.h>)
  if(ROLLCALL_PCH)
    target_link_libraries(rollcall_test_headers PRIVATE GTest::gmock)
  endif()
endif()
