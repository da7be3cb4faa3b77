// What the benchmarks' programs that ask an etcd by gRPC share.
#pragma once

#include <etcdpb/rpc.grpc.pb.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace rollcall::bench {

// All keys of a rollcall in that etcd, and the end of their range.
inline constexpr const char* kPrefix = "rollcall/";
inline constexpr const char* kEndOfPrefix = "rollcall0";

// "HOST:PORT,HOST:PORT" as its parts.
inline std::vector<std::string> SplitEndpoints(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const size_t end = std::min(text.find(','), text.size());
    parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

// A connection of its own, without a limit to what it receives.
inline std::shared_ptr<grpc::Channel> ConnectTo(const std::string& endpoint) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return grpc::CreateCustomChannel("dns:///" + endpoint, grpc::InsecureChannelCredentials(),
                                   arguments);
}

}  // namespace rollcall::bench
