// backend ADDRESS PORT NAME: a web server that answers every request with its name.
#include <httplib.h>

#include <cstdlib>
#include <iostream>

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  httplib::Server server;
  server.Get(".*", [name = std::string(argv[3])](const httplib::Request&, httplib::Response& r) {
    r.set_content(name, "text/plain");
  });
  if (server.listen(argv[1], std::atoi(argv[2]))) return 0;
  std::cerr << "cannot listen on " << argv[1] << ":" << argv[2] << "\n";
  return 1;
}
