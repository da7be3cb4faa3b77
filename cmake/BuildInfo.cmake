# Says which sources a build is made of. Run at build time, as
#   cmake -DSOURCE_DIR=... -DTEMPLATE=... -DOUTPUT=... -P BuildInfo.cmake
# The date is that of the commit, not of the build: the same sources make the same program. Both are
# empty when the sources are no git checkout.
set(ROLLCALL_REVISION "")
set(ROLLCALL_REVISION_DATE "")
if(EXISTS ${SOURCE_DIR}/.git)
  find_program(GIT git)
  if(GIT)
    execute_process(COMMAND ${GIT} show --no-patch --format=%h HEAD
                    WORKING_DIRECTORY ${SOURCE_DIR} OUTPUT_VARIABLE ROLLCALL_REVISION
                    OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    execute_process(COMMAND ${CMAKE_COMMAND} -E env TZ=UTC0 ${GIT} show --no-patch
                            --date=format-local:%Y-%m-%dT%H:%M:%SZ --format=%cd HEAD
                    WORKING_DIRECTORY ${SOURCE_DIR} OUTPUT_VARIABLE ROLLCALL_REVISION_DATE
                    OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  endif()
endif()
# Touches the file only when its contents change.
configure_file(${TEMPLATE} ${OUTPUT} @ONLY)
