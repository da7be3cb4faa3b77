// gRPC checks of etcd, which has gRPC's health service on its client port, with and without TLS;
// and of a server that answers with bytes of the test's choice.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/agent/http2_frames.h"
#include "tests/agent/one_check.h"
#include "tests/agent/self_signed.h"
#include "tests/e2e/harness/files.h"
#include "tests/e2e/harness/port.h"
#include "tests/e2e/harness/process.h"

namespace rollcall::probe {
namespace {

using namespace std::string_literals;
using model::CheckStatus;
using test::Frame;
using test::Headers;
using test::LittleServer;
using test::OneCheck;
using test::Settings;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class Etcd {
 public:
  Etcd() : process_(Options("http", {})) {}
  explicit Etcd(const test::SelfSigned& certificate)
      : process_(Options("https", {"--cert-file", certificate.certificate_path(), "--key-file",
                                   certificate.key_path()})) {}

  std::string address() const { return client_.address(); }

 private:
  e2e::ProcessOptions Options(const std::string& scheme, std::vector<std::string> more) const {
    const std::string client = scheme + "://" + client_.address();
    const std::string peer = "http://" + peer_.address();
    std::vector<std::string> argv = {"etcd",
                                     "--name=test",
                                     "--data-dir=" + dir_.File("data"),
                                     "--listen-client-urls=" + client,
                                     "--advertise-client-urls=" + client,
                                     "--listen-peer-urls=" + peer,
                                     "--initial-advertise-peer-urls=" + peer,
                                     "--initial-cluster=test=" + peer,
                                     "--logger=zap",
                                     "--log-outputs=stderr"};
    argv.insert(argv.end(), more.begin(), more.end());
    return {.argv = std::move(argv), .output_path = dir_.File("log")};
  }

  const e2e::TempDir dir_;
  const e2e::Port client_;
  const e2e::Port peer_;
  e2e::Process process_;
};

TEST(GrpcProbeTest, EtcdIsServing) {
  const Etcd etcd;
  OneCheck check;
  const ProbeResult result = check.ResultOncePassing(OneCheck::Grpc(etcd.address()));
  EXPECT_EQ(result.status, CheckStatus::kPassing);
  EXPECT_EQ(result.output, "gRPC check " + etcd.address() + ": success");

  // A service that etcd does not know shows that its name arrives.
  const std::string other = etcd.address() + "/no.such.Service";
  const ProbeResult unknown = check.Result(OneCheck::Grpc(other));
  EXPECT_EQ(unknown.status, CheckStatus::kCritical);
  EXPECT_EQ(unknown.output, "gRPC check " + other + ": NOT_FOUND: unknown service");
}

TEST(GrpcProbeTest, EtcdIsServingOverTls) {
  const test::SelfSigned certificate("DNS:db.test");
  const test::SystemCertificates trusted(certificate.certificate_path());
  const Etcd etcd(certificate);
  OneCheck check;
  model::CheckRun run = OneCheck::Grpc(etcd.address());
  run.use_tls = true;
  run.tls_server_name = "db.test";
  EXPECT_EQ(check.ResultOncePassing(run).output, "gRPC check " + etcd.address() + ": success");

  run.tls_server_name = "";
  const ProbeResult result = check.Result(run);
  EXPECT_EQ(result.status, CheckStatus::kCritical);
  EXPECT_THAT(result.output, HasSubstr("certificate verify failed"));
  run.tls_skip_verify = true;
  EXPECT_EQ(check.Result(run).status, CheckStatus::kPassing);
}

// What a call is answered with.
struct Answer {
  std::string http_status = "200";
  std::string body = "\0\0\0\0\x02\x08\x01"s;  // SERVING
  test::HeaderList trailers = {{"grpc-status", "0"}};

  std::string Bytes() const {
    return Settings() + Headers({{":status", http_status}, {"content-type", "application/grpc"}}) +
           Frame(test::kData, 0, 1, body) + Headers(trailers, test::kEndStream);
  }
};

// The check of a server that answers so; its output without the name of the target.
ProbeResult CheckAnswered(const std::string& answer) {
  OneCheck check;
  LittleServer server(check.loop(), {.answer = answer, .closes = false});
  ProbeResult result = check.Result(OneCheck::Grpc(server.address()));
  const std::string target = "gRPC check " + server.address() + ": ";
  EXPECT_THAT(result.output, StartsWith(target));
  result.output.erase(0, target.size());
  return result;
}

TEST(GrpcProbeTest, ServingIsPassing) {
  const ProbeResult result = CheckAnswered(Answer{}.Bytes());
  EXPECT_EQ(result.status, CheckStatus::kPassing);
  EXPECT_EQ(result.output, "success");
}

TEST(GrpcProbeTest, AnswerMayComeByteByByteAndTheServiceIsPartOfTheOutput) {
  OneCheck check;
  LittleServer server(check.loop(),
                      {.answer = Answer{}.Bytes(), .closes = false, .byte_by_byte = true});
  EXPECT_EQ(check.Result(OneCheck::Grpc(server.address() + "/db")).output,
            "gRPC check " + server.address() + "/db: success");
}

TEST(GrpcProbeTest, OtherStatusesAreCriticalAndNamed) {
  const struct {
    std::string body;
    const char* expected;
  } table[] = {
      {"\0\0\0\0\0"s, "UNKNOWN"},
      {"\0\0\0\0\x02\x08\x02"s, "NOT_SERVING"},
      {"\0\0\0\0\x02\x08\x03"s, "SERVICE_UNKNOWN"},
      {"\0\0\0\0\x02\x08\x09"s, "status 9"},
      {"\0\0\0\0\x02\x08\x80"s, "the answer is not a HealthCheckResponse"},
      {""s, "the answer has no message"},
      {"\x01\0\0\0\x02\x08\x01"s, "the answer is compressed, which was not asked for"},
  };
  for (const auto& row : table) {
    const ProbeResult result = CheckAnswered(Answer{.body = row.body}.Bytes());
    EXPECT_EQ(result.status, CheckStatus::kCritical) << row.expected;
    EXPECT_EQ(result.output, row.expected);
  }
}

TEST(GrpcProbeTest, GrpcStatusOtherThanZeroIsCriticalWithItsMessage) {
  const struct {
    test::HeaderList trailers;
    const char* expected;
  } table[] = {
      {{{"grpc-status", "14"}, {"grpc-message", "db is away"}}, "UNAVAILABLE: db is away"},
      {{{"grpc-status", "2"}, {"grpc-message", "caf%C3%A9 100%25"}}, "UNKNOWN: café 100%"},
      {{{"grpc-status", "2"}, {"grpc-message", "50% of %zz %4"}}, "UNKNOWN: 50% of %zz %4"},
      {{{"grpc-status", "2"}, {"grpc-message", "a%0D%0Ab%00"}}, "UNKNOWN: a??b?"},
      {{{"grpc-status", "16"}}, "UNAUTHENTICATED: "},
      {{{"grpc-status", "17"}}, "grpc-status 17: "},
      {{{"grpc-status", "-1"}}, "grpc-status -1: "},
      {{{"grpc-status", "0x0"}}, "grpc-status 0x0: "},
      {{{"grpc-status", ""}}, "grpc-status : "},
      {{{"grpc-status", "99999999999999999999"}}, "grpc-status 99999999999999999999: "},
  };
  for (const auto& row : table) {
    const ProbeResult result = CheckAnswered(Answer{.trailers = row.trailers}.Bytes());
    EXPECT_EQ(result.status, CheckStatus::kCritical) << row.expected;
    EXPECT_EQ(result.output, row.expected);
  }
}

TEST(GrpcProbeTest, AnswerOfTrailersAloneIsUnderstood) {
  const ProbeResult result = CheckAnswered(
      Settings() + Headers({{":status", "200"},
                            {"content-type", "application/grpc"},
                            {"grpc-status", "12"},
                            {"grpc-message", "unknown service grpc.health.v1.Health"}},
                           test::kEndStream));
  EXPECT_EQ(result.status, CheckStatus::kCritical);
  EXPECT_EQ(result.output, "UNIMPLEMENTED: unknown service grpc.health.v1.Health");
}

TEST(GrpcProbeTest, HttpStatusOtherThan200IsCritical) {
  const ProbeResult result = CheckAnswered(Answer{.http_status = "503"}.Bytes());
  EXPECT_EQ(result.status, CheckStatus::kCritical);
  EXPECT_EQ(result.output, "HTTP status 503");
}

TEST(GrpcProbeTest, WebServerWithoutGrpcIsCritical) {
  const ProbeResult result =
      CheckAnswered(Settings() + Headers({{":status", "200"}, {"content-type", "text/html"}}) +
                    Frame(test::kData, test::kEndStream, 1, "<p>hello"));
  EXPECT_EQ(result.status, CheckStatus::kCritical);
  EXPECT_EQ(result.output, "no grpc-status in the answer, whose content-type is \"text/html\"");
}

TEST(GrpcProbeTest, LongMessageIsCut) {
  const ProbeResult result = CheckAnswered(
      Answer{.trailers = {{"grpc-status", "2"}, {"grpc-message", std::string(9000, 'x')}}}.Bytes());
  EXPECT_EQ(result.status, CheckStatus::kCritical);
  EXPECT_EQ(result.output, "UNKNOWN: " + std::string(512, 'x'));
}

TEST(GrpcProbeTest, TargetThatCannotBeReadIsCriticalAndSaysWhy) {
  OneCheck check;
  for (const char* target : {"no-port/service", "/service", "", "a:b/c"}) {
    const ProbeResult result = check.Result(OneCheck::Grpc(target));
    EXPECT_EQ(result.status, CheckStatus::kCritical) << target;
    EXPECT_THAT(result.output, HasSubstr("expected HOST:PORT")) << target;
  }
}

}  // namespace
}  // namespace rollcall::probe
