# rollcall_etcd_protocol: etcd's messages and calls, generated from registry/store/etcd/etcdpb. Not
# our code, so without our warnings and without clang-tidy: its headers are <etcdpb/...>, outside
# of the folders that the linters look at.
set(source_dir ${PROJECT_SOURCE_DIR}/registry/store/etcd)
set(generated_dir ${PROJECT_BINARY_DIR}/generated)
file(MAKE_DIRECTORY ${generated_dir})
set(generated
  ${generated_dir}/etcdpb/kv.pb.cc ${generated_dir}/etcdpb/kv.pb.h
  ${generated_dir}/etcdpb/rpc.pb.cc ${generated_dir}/etcdpb/rpc.pb.h
  ${generated_dir}/etcdpb/rpc.grpc.pb.cc ${generated_dir}/etcdpb/rpc.grpc.pb.h)
add_custom_command(
  OUTPUT ${generated}
  COMMAND protobuf::protoc --proto_path=${source_dir} --cpp_out=${generated_dir}
          etcdpb/kv.proto etcdpb/rpc.proto
  COMMAND protobuf::protoc --proto_path=${source_dir} --grpc_out=${generated_dir}
          --plugin=protoc-gen-grpc=$<TARGET_FILE:gRPC::grpc_cpp_plugin> etcdpb/rpc.proto
  DEPENDS ${source_dir}/etcdpb/kv.proto ${source_dir}/etcdpb/rpc.proto
  COMMENT "Generating etcd's messages and calls")
add_library(rollcall_etcd_protocol STATIC ${generated})
target_include_directories(rollcall_etcd_protocol SYSTEM PUBLIC ${generated_dir})
target_link_libraries(rollcall_etcd_protocol PUBLIC gRPC::grpc++ protobuf::libprotobuf)
set_target_properties(rollcall_etcd_protocol PROPERTIES UNITY_BUILD OFF)
