#include "tests/e2e/harness/nginx_proxy.h"

namespace rollcall::e2e {

void NginxProxy::Start(const std::vector<std::string>& nameservers, int backend_port) {
  const std::string folder = dir().path();
  std::string resolver = "  resolver";
  for (const std::string& each : nameservers) resolver += " " + each;
  std::string config =
      "daemon off;\n"
      "master_process off;\n"
      "pid " +
      folder +
      "/nginx.pid;\n"
      "error_log stderr warn;\n"
      "events { worker_connections 64; }\n"
      "http {\n"
      "  access_log off;\n";
  for (const char* kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"}) {
    config += std::string("  ") + kind + "_temp_path " + folder + "/" + kind + ";\n";
  }
  config += resolver +
            " valid=1s ipv6=off;\n"
            "  server {\n"
            "    listen " +
            address() +
            ";\n"
            "    location / {\n"
            "      set $upstream web.service.consul;\n"
            "      proxy_pass http://$upstream:" +
            std::to_string(backend_port) +
            ";\n"
            "      proxy_connect_timeout 1s;\n"
            "      proxy_next_upstream off;\n"
            "    }\n"
            "  }\n"
            "}\n";
  Run({"/usr/sbin/nginx", "-p", folder, "-c", dir().Write("nginx.conf", config), "-e", "stderr"},
      "nginx.log");
}

}  // namespace rollcall::e2e
