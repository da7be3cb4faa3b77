# What `cmake --install` puts where: the two programs, a systemd unit for each, examples and guides.
install(TARGETS rollcall rollcall-agent RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})

# The units hold the full path of the program that they start, which only the installation knows
# (cmake --install --prefix): so they are written then.
install(CODE "
  set(bindir \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR}\")
  set(docdir \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_DOCDIR}\")
  foreach(unit rollcall.service rollcall-agent.service)
    configure_file(\"${PROJECT_SOURCE_DIR}/packaging/systemd/\${unit}.in\"
                   \"${PROJECT_BINARY_DIR}/packaging/\${unit}\" @ONLY)
  endforeach()")
install(FILES ${PROJECT_BINARY_DIR}/packaging/rollcall.service
              ${PROJECT_BINARY_DIR}/packaging/rollcall-agent.service
        DESTINATION lib/systemd/system)

install(DIRECTORY ${PROJECT_SOURCE_DIR}/examples/ DESTINATION ${CMAKE_INSTALL_DATADIR}/rollcall/examples
        FILES_MATCHING PATTERN "*.json" PATTERN "*.conf" PATTERN "*.cfg")
install(DIRECTORY ${PROJECT_SOURCE_DIR}/docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR} OPTIONAL)
install(FILES ${PROJECT_SOURCE_DIR}/README.md DESTINATION ${CMAKE_INSTALL_DOCDIR} OPTIONAL)
