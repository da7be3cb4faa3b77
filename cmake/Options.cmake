# What every target of the project is compiled with.
add_library(rollcall_options INTERFACE)
target_include_directories(rollcall_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(rollcall_options INTERFACE -Wall -Wextra -Wconversion -Wshadow -Werror)
if(ROLLCALL_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    message(FATAL_ERROR "ROLLCALL_FUZZ needs clang (libFuzzer): cmake --preset fuzz")
  endif()
  # Coverage counters in every library, or the fuzzer would be blind to what it calls.
  set(ROLLCALL_SANITIZE "fuzzer-no-link,address,undefined")
endif()
if(ROLLCALL_SANITIZE)
  target_compile_options(rollcall_options INTERFACE -fsanitize=${ROLLCALL_SANITIZE} -fno-omit-frame-pointer
                                                   -fno-sanitize-recover=all)
  target_link_options(rollcall_options INTERFACE -fsanitize=${ROLLCALL_SANITIZE})
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND ROLLCALL_SANITIZE MATCHES "undefined")
  # clang looks through a pipe whether an object's memory can be read, and calls the object broken
  # where no descriptor is left for one, which is what tests/api/http/server_descriptors_test does.
  target_compile_options(rollcall_options INTERFACE -fno-sanitize=vptr)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_compile_options(rollcall_options INTERFACE -Wthread-safety)
endif()
set(ROLLCALL_ASIO_DEFINITIONS
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED)
if(ROLLCALL_SANITIZE MATCHES "thread")
  # The thread sanitizer does not know atomic_thread_fence; Asio does without it when told to.
  list(APPEND ROLLCALL_ASIO_DEFINITIONS BOOST_ASIO_DISABLE_FENCED_BLOCK)
endif()
# With the definitions of the libraries that are used widely, so that one set of precompiled headers
# fits all.
target_compile_definitions(rollcall_options INTERFACE
  ${ROLLCALL_ASIO_DEFINITIONS} $<TARGET_PROPERTY:spdlog::spdlog,INTERFACE_COMPILE_DEFINITIONS>)
target_compile_options(rollcall_options INTERFACE -pthread ${HTTPLIB_CFLAGS_OTHER})
target_link_libraries(rollcall_options INTERFACE Threads::Threads)

# Building a small change anew is mostly linking. lld needs a fifth of what GNU ld does (the debug
# `rollcall`: 1.1 s instead of 5.5 s).
find_program(ROLLCALL_LLD ld.lld)
if(ROLLCALL_LLD)
  add_link_options(-fuse-ld=lld)
endif()

# rollcall_library(NAME sources... [DEPS targets...]): a static library of one layer.
function(rollcall_library name)
  cmake_parse_arguments(ARG "" "" "DEPS" ${ARGN})
  add_library(${name} STATIC ${ARG_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PUBLIC rollcall_options ${ARG_DEPS})
  if(rollcall_asio IN_LIST ARG_DEPS)
    rollcall_use_precompiled(${name} rollcall_asio_headers)
  else()
    rollcall_use_precompiled(${name} rollcall_headers)
  endif()
endfunction()

# Asio and Beast are compiled once (cmake/asio_beast.cc) rather than in every file that includes them.
add_library(rollcall_asio STATIC ${PROJECT_SOURCE_DIR}/cmake/asio_beast.cc)
target_include_directories(rollcall_asio SYSTEM PUBLIC ${Boost_INCLUDE_DIRS})
target_compile_definitions(rollcall_asio PUBLIC ${ROLLCALL_ASIO_DEFINITIONS})
target_link_libraries(rollcall_asio PUBLIC Threads::Threads OpenSSL::SSL OpenSSL::Crypto)
if(ROLLCALL_SANITIZE)
  target_compile_options(rollcall_asio PRIVATE -fsanitize=${ROLLCALL_SANITIZE}
                                       $<$<CXX_COMPILER_ID:Clang>:-fno-sanitize=vptr>)
endif()
