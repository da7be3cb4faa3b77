// What an EtcdChannel is made of: gRPC's credentials and settings for one endpoint. Called on any
// thread.
#pragma once

#include <grpcpp/channel.h>

#include <memory>

#include "registry/base/result.h"
#include "registry/store/etcd/options.h"

namespace rollcall::store {

// kInvalidArgument names the file that cannot be read.
Result<std::shared_ptr<grpc::Channel>> MakeGrpcChannel(const EtcdOptions& options,
                                                       const EtcdEndpoint& endpoint);

}  // namespace rollcall::store
