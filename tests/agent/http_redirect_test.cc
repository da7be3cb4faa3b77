#include <gmock/gmock.h>

#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <map>

#include "agent/probe/endpoint.h"
#include "tests/agent/prober_fixture.h"

namespace rollcall::probe {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;
using model::CheckStatus;
using std::chrono::milliseconds;
using test::LittleServer;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;

// Reads whole requests, one on each connection, and answers by their target: 200 where nothing was
// said about it.
class SiteServer {
 public:
  struct Answer {
    unsigned status = 200;
    std::string location;
    milliseconds delay{0};
  };
  using Request = http::request<http::string_body>;

  explicit SiteServer(asio::io_context& loop, const std::string& address = "127.0.0.1")
      : acceptor_(loop, {asio::ip::make_address(address), 0}) {
    Accept();
  }

  std::string port() const { return std::to_string(acceptor_.local_endpoint().port()); }
  std::string origin() const {
    return "http://" + acceptor_.local_endpoint().address().to_string() + ":" + port();
  }
  void On(const std::string& target, Answer answer) { answers_[target] = std::move(answer); }
  // "METHOD target body" of each request.
  const std::vector<std::string>& log() const { return log_; }
  const Request& last() const { return last_; }

 private:
  struct Connection {
    explicit Connection(asio::ip::tcp::socket s)
        : socket(std::move(s)), timer(socket.get_executor()) {}
    asio::ip::tcp::socket socket;
    asio::steady_timer timer;
    boost::beast::flat_buffer buffer;
    Request request;
    http::response<http::string_body> response;
  };

  void Accept() {
    acceptor_.async_accept([this](error_code error, asio::ip::tcp::socket socket) {
      if (error) return;
      auto connection = std::make_shared<Connection>(std::move(socket));
      http::async_read(connection->socket, connection->buffer, connection->request,
                       [this, connection](error_code failed, size_t) {
                         if (!failed) Serve(connection);
                       });
      Accept();
    });
  }

  void Serve(const std::shared_ptr<Connection>& connection) {
    last_ = connection->request;
    const std::string target(last_.target());
    log_.push_back(std::string(last_.method_string()) + " " + target + " " + last_.body());
    const Answer& answer = answers_[target];
    connection->response.result(answer.status);
    if (!answer.location.empty()) {
      connection->response.set(http::field::location, answer.location);
    }
    const bool may_have_body = last_.method() != http::verb::head && answer.status != 304;
    if (may_have_body) connection->response.body() = "here";
    connection->response.prepare_payload();
    connection->timer.expires_after(answer.delay);
    connection->timer.async_wait([connection](error_code) {
      http::async_write(connection->socket, connection->response,
                        [connection](error_code, size_t) {});
    });
  }

  asio::ip::tcp::acceptor acceptor_;
  std::map<std::string, Answer> answers_;
  std::vector<std::string> log_;
  Request last_;
};

class HttpRedirectTest : public ProberFixture {
 protected:
  model::CheckRun Http(const std::string& target) const {
    model::CheckRun run = RunOf(model::CheckKind::kHttp);
    run.http = site_.origin() + target;
    // One attempt: the next one would be logged too.
    run.interval = std::chrono::hours(1);
    return run;
  }

  SiteServer site_{loop_};
};

TEST_F(HttpRedirectTest, MethodAndBodyAreAsInGo) {
  const struct {
    unsigned status;
    const char* method;
    const char* body;
    const char* followed;
  } table[] = {
      {301, "POST", "ping", "GET /to "},      {302, "POST", "ping", "GET /to "},
      {303, "PUT", "ping", "GET /to "},       {302, "GET", "ping", "GET /to "},
      {302, "HEAD", "", "HEAD /to "},         {301, "", "", "GET /to "},
      {307, "POST", "ping", "POST /to ping"}, {308, "PUT", "ping", "PUT /to ping"},
      {307, "DELETE", "", "DELETE /to "},
  };
  for (const auto& row : table) {
    site_.On("/from", {.status = row.status, .location = "/to"});
    model::CheckRun run = Http("/from");
    run.method = row.method;
    run.body = row.body;
    run.header = {{"Content-Type", {"text/x-ping"}}, {"X-Probe", {"a"}}};
    const ProbeResult result = FirstResult(run);
    EXPECT_EQ(result.status, CheckStatus::kPassing) << row.status << result.output;
    EXPECT_EQ(site_.log().back(), row.followed) << row.status << " " << row.method;
    EXPECT_EQ(site_.last()["X-Probe"], "a");
    EXPECT_EQ(site_.last().count(http::field::content_type), row.status < 304 ? 0 : 1);
  }
}

TEST_F(HttpRedirectTest, OutputNamesTheDefinitionsUrlAndTheLastAnswer) {
  site_.On("/a", {.status = 302, .location = "/b"});
  site_.On("/b", {.status = 301, .location = "c?d=1#e"});
  site_.On("/c?d=1", {.status = 429, .location = "/never"});
  const ProbeResult result = FirstResult(Http("/a"));
  EXPECT_EQ(result.status, CheckStatus::kWarning);
  EXPECT_EQ(result.output, "HTTP GET " + site_.origin() + "/a: 429 Too Many Requests Output: here");
  EXPECT_THAT(site_.log(), ElementsAre("GET /a ", "GET /b ", "GET /c?d=1 "));
}

TEST_F(HttpRedirectTest, OtherAnswersCountAsTheyAre) {
  for (const unsigned status : {300u, 304u, 305u, 306u}) {
    site_.On("/", {.status = status, .location = "/to"});
    EXPECT_EQ(FirstResult(Http("/")).status, CheckStatus::kCritical) << status;
    EXPECT_EQ(site_.log().back(), "GET / ");
  }
  site_.On("/", {.status = 302, .location = ""});
  EXPECT_THAT(FirstResult(Http("/")).output, HasSubstr(": 302 Found Output: here"));
}

TEST_F(HttpRedirectTest, DisabledRedirectDecidesItself) {
  site_.On("/from", {.status = 302, .location = "/to"});
  model::CheckRun run = Http("/from");
  run.disable_redirects = true;
  const ProbeResult result = FirstResult(run);
  EXPECT_EQ(result.status, CheckStatus::kCritical);
  EXPECT_THAT(result.output, EndsWith(": 302 Found Output: here"));
  EXPECT_EQ(site_.log().size(), 1u);
}

TEST_F(HttpRedirectTest, TenAreFollowedAndNoMore) {
  for (int i = 0; i < 11; ++i) {
    site_.On("/" + std::to_string(i), {.status = 302, .location = "/" + std::to_string(i + 1)});
  }
  EXPECT_EQ(FirstResult(Http("/1")).status, CheckStatus::kPassing);
  const ProbeResult result = FirstResult(Http("/0"));
  EXPECT_EQ(result.status, CheckStatus::kCritical);
  EXPECT_THAT(result.output, EndsWith("stopped after 10 redirects"));
  EXPECT_EQ(site_.log().back(), "GET /10 ");
}

TEST_F(HttpRedirectTest, LoopIsLeft) {
  site_.On("/", {.status = 301, .location = "/"});
  const ProbeResult result = FirstResult(Http("/"));
  EXPECT_EQ(result.status, CheckStatus::kCritical);
  EXPECT_THAT(result.output, HasSubstr("stopped after 10 redirects"));
  EXPECT_EQ(site_.log().size(), 11u);
}

TEST_F(HttpRedirectTest, WholeChainIsWithinTheTimeout) {
  site_.On("/", {.status = 301, .location = "/", .delay = milliseconds(60)});
  model::CheckRun run = Http("/");
  run.timeout = milliseconds(200);
  const ProbeResult result = FirstResult(run);
  EXPECT_EQ(result.status, CheckStatus::kCritical);
  EXPECT_THAT(result.output, HasSubstr("no answer within 200ms"));
}

TEST_F(HttpRedirectTest, GarbageIsCriticalAndSaysWhy) {
  for (const char* location : {"ftp://a/", "http://", "https://user:word@a/", "http://a:0/", "//",
                               "/a b", "//[::1/", "mailto:nobody", "\x01", "http://a:99999/"}) {
    site_.On("/", {.status = 302, .location = location});
    const ProbeResult result = FirstResult(Http("/"));
    EXPECT_EQ(result.status, CheckStatus::kCritical) << location;
    EXPECT_THAT(result.output, ::testing::StartsWith("HTTP GET " + site_.origin() + "/: "));
  }
  site_.On("/", {.status = 302, .location = "ftp://a/"});
  EXPECT_THAT(FirstResult(Http("/")).output,
              HasSubstr("redirected: expected an http or https URL, found \"ftp://a/\""));
}

TEST_F(HttpRedirectTest, FailureNamesWhereItHappened) {
  std::string closed;
  {
    asio::io_context other;
    closed = SiteServer(other).origin() + "/gone";
  }
  site_.On("/", {.status = 302, .location = closed});
  EXPECT_THAT(FirstResult(Http("/")).output,
              HasSubstr("redirected to " + closed + ": Connection refused"));
}

TEST_F(HttpRedirectTest, SecretsAreForTheDefinitionsHostOnly) {
  SiteServer neighbour(loop_);  // the same host at another port
  SiteServer stranger(loop_, "127.0.0.2");
  site_.On("/neighbour", {.status = 307, .location = neighbour.origin() + "/"});
  site_.On("/stranger", {.status = 307, .location = stranger.origin() + "/back"});
  stranger.On("/back", {.status = 307, .location = site_.origin() + "/end"});
  const auto with_secrets = [this](const std::string& target) {
    model::CheckRun run = Http(target);
    run.header = {{"Authorization", {"Bearer x"}}, {"cookie", {"a=b"}}, {"X-Probe", {"a"}}};
    return run;
  };
  FirstResult(with_secrets("/neighbour"));
  EXPECT_EQ(neighbour.last()["Authorization"], "Bearer x");
  EXPECT_EQ(neighbour.last()["Cookie"], "a=b");
  EXPECT_EQ(FirstResult(with_secrets("/stranger")).status, CheckStatus::kPassing);
  EXPECT_EQ(stranger.log().size(), 1u);
  for (const SiteServer* server : {&stranger, &site_}) {
    EXPECT_EQ(server->last().count("Authorization"), 0u);
    EXPECT_EQ(server->last().count("Cookie"), 0u);
    EXPECT_EQ(server->last()["X-Probe"], "a");
  }
  EXPECT_EQ(site_.last().target(), "/end");
}

TEST_F(HttpRedirectTest, OwnHostHeaderEndsWhereTheRedirectNamesAHost) {
  site_.On("/relative", {.status = 302, .location = "/to"});
  site_.On("/absolute", {.status = 302, .location = site_.origin() + "/to"});
  model::CheckRun run = Http("/relative");
  run.header = {{"Host", {"example.org"}}};
  FirstResult(run);
  EXPECT_EQ(site_.last()["Host"], "example.org");
  run.http = site_.origin() + "/absolute";
  FirstResult(run);
  EXPECT_EQ(site_.last()["Host"], "127.0.0.1:" + site_.port());
}

TEST_F(HttpRedirectTest, OutputIsCutWhereTheCheckSays) {
  model::CheckRun run = Http("/");
  const std::string whole = FirstResult(run).output;
  run.output_max_size = whole.size() - 1;
  EXPECT_EQ(FirstResult(run).output, whole.substr(0, whole.size() - 1));
  LittleServer endless(loop_, {.answer = "HTTP/1.1 200 OK\r\n\r\n" + std::string(1000, 'x'),
                               .closes = false,
                               .repeats = true});
  run.http = "http://" + endless.address() + "/";
  run.output_max_size = 50000;
  EXPECT_EQ(FirstResult(run).output.size(), 50000u);
}

// The examples of RFC 3986, section 5.4, as far as HTTP has them.
TEST(ResolveReferenceTest, FollowsTheRfc) {
  const std::pair<const char*, const char*> table[] = {
      {"g", "http://a/b/c/g"},
      {"./g", "http://a/b/c/g"},
      {"g/", "http://a/b/c/g/"},
      {"/g", "http://a/g"},
      {"//g", "http://g/"},
      {"?y", "http://a/b/c/d;p?y"},
      {"g?y", "http://a/b/c/g?y"},
      {"#s", "http://a/b/c/d;p?q"},
      {"g#s", "http://a/b/c/g"},
      {"g?y#s", "http://a/b/c/g?y"},
      {";x", "http://a/b/c/;x"},
      {"", "http://a/b/c/d;p?q"},
      {".", "http://a/b/c/"},
      {"./", "http://a/b/c/"},
      {"..", "http://a/b/"},
      {"../g", "http://a/b/g"},
      {"../..", "http://a/"},
      {"../../../g", "http://a/g"},
      {"/../g", "http://a/g"},
      {"g.", "http://a/b/c/g."},
      {"..g", "http://a/b/c/..g"},
      {"./g/.", "http://a/b/c/g/"},
      {"g/../h", "http://a/b/c/h"},
      {"g?y/../x", "http://a/b/c/g?y/../x"},
      {"HTTPS://g:8443/x?y", "https://g:8443/x?y"},
      {"/a:b", "http://a/a:b"},
  };
  const HttpUrl base = ParseHttpUrl("http://a/b/c/d;p?q").value();
  for (const auto& [reference, expected] : table) {
    const Result<HttpUrl> url = ResolveReference(base, reference);
    ASSERT_TRUE(url) << reference;
    EXPECT_EQ(ToString(*url), expected) << reference;
  }
  EXPECT_EQ(ToString(*ResolveReference(*ParseHttpUrl("https://a"), "//g?x")), "https://g/?x");
}

}  // namespace
}  // namespace rollcall::probe
