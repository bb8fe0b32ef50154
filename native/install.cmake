# cmake --install: header, library, and a package that find_package(octet) finds.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

install(TARGETS octet EXPORT octet LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(FILES include/octet.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT octet NAMESPACE octet:: FILE octet-config.cmake
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/octet)
write_basic_package_version_file(octet-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/octet-config-version.cmake
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/octet)
