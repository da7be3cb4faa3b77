# What `cmake --install` puts where: the two programs, a systemd unit for each, examples and guides.
install(TARGETS rollcall rollcall-agent RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})

# The units hold the full path of the program that they start.
foreach(unit rollcall.service rollcall-agent.service)
  configure_file(${PROJECT_SOURCE_DIR}/packaging/systemd/${unit}.in
                 ${PROJECT_BINARY_DIR}/packaging/${unit} @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/packaging/${unit} DESTINATION lib/systemd/system)
endforeach()

install(DIRECTORY ${PROJECT_SOURCE_DIR}/examples/ DESTINATION ${CMAKE_INSTALL_DATADIR}/rollcall/examples
        FILES_MATCHING PATTERN "*.json" PATTERN "*.conf" PATTERN "*.cfg")
install(DIRECTORY ${PROJECT_SOURCE_DIR}/docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR} OPTIONAL)
install(FILES ${PROJECT_SOURCE_DIR}/README.md DESTINATION ${CMAKE_INSTALL_DOCDIR} OPTIONAL)
