// The example service: an HTTP server that greets on / and answers the agent's check on /health.
//   hello_server [PORT]     (default 8080, on 127.0.0.1)
// It knows nothing of rollcall: the agent registers it from hello.json and checks it from outside.
#include <httplib.h>

#include <charconv>
#include <cstdio>
#include <string>
#include <string_view>

namespace {

constexpr char kAddress[] = "127.0.0.1";

// 0 when `text` is no port.
int ParsePort(std::string_view text) {
  int port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole && port >= 1 && port <= 65535 ? port : 0;
}

}  // namespace

int main(int argc, char** argv) {
  const int port = argc > 1 ? ParsePort(argv[1]) : 8080;
  if (argc > 2 || port == 0) {
    std::fprintf(stderr, "usage: hello_server [PORT]\n");
    return 2;
  }

  httplib::Server server;
  server.Get("/", [port](const httplib::Request&, httplib::Response& response) {
    response.set_content("Hello from port " + std::to_string(port) + "\n", "text/plain");
  });
  server.Get("/health", [](const httplib::Request&, httplib::Response& response) {
    response.set_content("ok\n", "text/plain");
  });
  if (!server.bind_to_port(kAddress, port)) {
    std::fprintf(stderr, "hello_server: cannot listen on %s:%d\n", kAddress, port);
    return 1;
  }
  std::printf("hello_server: http://%s:%d/\n", kAddress, port);
  std::fflush(stdout);
  return server.listen_after_bind() ? 0 : 1;
}
