#include "registry/store/etcd/channel_credentials.h"

#include <grpc/support/log.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <fstream>
#include <iterator>
#include <mutex>
#include <string>

#include "registry/store/etcd/channel.h"

namespace rollcall::store {
namespace {

// Where Debian keeps them. gRPC would look for a file of its own, which Debian does not bring.
constexpr const char* kSystemAuthorities = "/etc/ssl/certs/ca-certificates.crt";

Result<std::string> ReadPem(const std::string& path, const char* what) {
  std::ifstream file(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (!file || text.empty()) {
    return InvalidArgument(std::string("etcd: cannot read the ") + what + " \"" + path + "\"");
  }
  return text;
}

Result<std::shared_ptr<grpc::ChannelCredentials>> MakeCredentials(const EtcdTls& tls) {
  grpc::SslCredentialsOptions pem;
  auto authorities = ReadPem(tls.ca_file.empty() ? kSystemAuthorities : tls.ca_file,
                             "certificates of authorities");
  if (!authorities) return std::move(authorities).error();
  pem.pem_root_certs = *std::move(authorities);
  if (!tls.certificate_file.empty()) {
    auto certificate = ReadPem(tls.certificate_file, "certificate");
    if (!certificate) return std::move(certificate).error();
    auto key = ReadPem(tls.key_file, "key");
    if (!key) return std::move(key).error();
    pem.pem_cert_chain = *std::move(certificate);
    pem.pem_private_key = *std::move(key);
  }
  return grpc::SslCredentials(pem);
}

grpc::ChannelArguments MakeArguments(const EtcdOptions& options) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(EtcdChannel::kMaxMessageBytes);
  // A connection of its own, which begins anew: gRPC would hand out the one that has just failed.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  // How long it tries to connect, and when again.
  const int dial_ms = static_cast<int>(options.timeouts.dial.count());
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, dial_ms);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, dial_ms);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, dial_ms);
  if (options.tls && !options.tls->server_name.empty()) {
    arguments.SetSslTargetNameOverride(options.tls->server_name);
  }
  return arguments;
}

// What goes wrong is told by the status of a call; gRPC would write it to stderr as well, each
// time.
void SilenceGrpcLog() {
  static std::once_flag once;
  std::call_once(once, [] { gpr_set_log_function([](gpr_log_func_args*) {}); });
}

}  // namespace

Result<std::shared_ptr<grpc::Channel>> MakeGrpcChannel(const EtcdOptions& options,
                                                       const EtcdEndpoint& endpoint) {
  SilenceGrpcLog();
  std::shared_ptr<grpc::ChannelCredentials> credentials = grpc::InsecureChannelCredentials();
  if (options.tls) {
    auto secure = MakeCredentials(*options.tls);
    if (!secure) return std::move(secure).error();
    credentials = *std::move(secure);
  }
  return grpc::CreateCustomChannel("dns:///" + endpoint.Text(), credentials,
                                   MakeArguments(options));
}

}  // namespace rollcall::store
