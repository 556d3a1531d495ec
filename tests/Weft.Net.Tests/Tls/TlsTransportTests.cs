using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using Weft.Net.Tls;
using Weft.Net.Tls.Native;

namespace Weft.Net.Tests.Tls;

/// <summary>TLS between two connections of one loop, and against peers that do not speak it.</summary>
public sealed partial class TlsTransportTests : IDisposable
{
    private readonly ManualTime _time = new();
    private readonly TestLoop _test;
    private readonly TestCertificates _authority = new();
    private readonly RecordingObserver _server = new();
    private readonly RecordingObserver _client = new();

    public TlsTransportTests() => _test = new TestLoop(_time);

    public void Dispose()
    {
        _test.Dispose();
        _authority.Dispose();
    }

    [Fact]
    public void Bytes_go_both_ways_and_both_sides_know_what_was_agreed()
    {
        var (client, server) = Pair(Server() with { ApplicationProtocols = ["h2"u8.ToArray(), "http/1.1"u8.ToArray()] },
            Client() with { ApplicationProtocols = ["http/1.1"u8.ToArray(), "h2"u8.ToArray()] }, new TlsClientOptions { ServerName = "test.example" });
        server.Echo();
        client.Connection.Write("hello"u8);
        _test.Until(() => client.Text == "hello");
        Assert.Equal("h2", Encoding.ASCII.GetString(client.Connection.ApplicationProtocol));
        Assert.Equal("h2", Encoding.ASCII.GetString(server.Connection.ApplicationProtocol));
        Assert.Equal("test.example", _server.Handshakes[0].ServerName);
        Assert.Equal("TLSv1.3", _server.Handshakes[0].Version);
        Assert.Equal("TLS_AES_256_GCM_SHA384", _client.Handshakes[0].Cipher);
        Assert.Equal("CN=server", _client.Handshakes[0].Peer!.Subject);
        Assert.True(_client.Handshakes[0].IsPeerValidated);
        Assert.Equal(5, server.Connection.BytesReceived);
        Assert.Equal(5, server.Connection.BytesSent);
    }

    [Fact]
    public void Without_a_common_protocol_the_handshake_succeeds_without_one()
    {
        var (client, server) = Pair(Server() with { ApplicationProtocols = ["h2"u8.ToArray()] }, Client() with { ApplicationProtocols = ["http/1.1"u8.ToArray()] });
        Assert.True(client.Connection.ApplicationProtocol.IsEmpty);
        Assert.True(server.Connection.ApplicationProtocol.IsEmpty);
    }

    [Fact]
    public void Megabytes_pass_unchanged_though_the_reader_pauses()
    {
        var data = new byte[5_000_000];
        new Random(1).NextBytes(data);
        var (client, server) = Pair(Server(), Client());
        client.Connection.PauseReading();
        server.Connection.HighWatermarkBytes = 100_000;
        server.Connection.Write(data.AsSpan(0, 3_000_000));
        for (var at = 3_000_000; at < data.Length; at += 1000)
            server.Connection.Write(data.AsSpan(at, 1000));
        _test.Settle();
        Assert.Equal(1, server.HighCalls);
        Assert.Equal(0, client.Received.Length);
        client.Connection.ResumeReading();
        _test.Until(() => client.Received.Length == data.Length);
        Assert.True(client.Received.ToArray().AsSpan().SequenceEqual(data));
        _test.Until(() => server.LowCalls == 1);
    }

    [Fact]
    public void The_end_of_one_direction_leaves_the_other_open()
    {
        var (client, server) = Pair(Server(), Client());
        client.Connection.Write("last"u8);
        client.Connection.ShutdownWrite();
        _test.Until(() => server.ReadEnds == 1);
        Assert.Equal("last", server.Text);
        server.Connection.Write("answer"u8);
        server.Connection.ShutdownWrite();
        _test.Until(() => client.Closed is not null && server.Closed is not null);
        Assert.Equal("answer", client.Text);
        Assert.Equal(CloseReason.Remote, client.Closed);
    }

    [Fact]
    public void A_flushing_close_delivers_everything()
    {
        var (client, server) = Pair(Server(), Client());
        server.Connection.Write(new byte[2_000_000]);
        server.Connection.Close(CloseMode.Flush);
        _test.Until(() => client.ReadEnds == 1);
        Assert.Equal(2_000_000, client.Received.Length);
    }

    [Theory]
    [InlineData(TlsVersion.Tls12)]
    [InlineData(TlsVersion.Tls13)]
    public void A_client_hello_split_into_single_bytes_is_understood(TlsVersion version)
    {
        var context = Context(Server() with { MaxVersion = version });
        var listener = _test.Listen(accept: connection =>
        {
            connection.Secure(context.NewServerTransport(), 0);
            connection.MaxReadBytes = 1;
            return new Recorder(connection).Echo();
        });
        var client = Connect(listener, Context(Client()));
        _test.Until(() => client.Connected);
        client.Connection.Write("ping"u8);
        _test.Until(() => client.Text == "ping");
    }

    [Fact]
    public void A_certificate_from_a_stranger_is_refused_in_Envoys_words()
    {
        using var stranger = new TestCertificates("Stranger");
        var options = Client() with { Verifier = new TrustingVerifier(stranger.Trust()) };
        var (client, server) = Attempt(Server(), options);
        _test.Until(() => client.Closed is not null && server.Closed is not null);
        Assert.Equal(CloseReason.ConnectFailed, client.Closed);
        Assert.Equal("TLS_error:|268435581:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED:verify cert failed: X509_verify_cert: certificate verification error at depth 0: unable to get local issuer certificate:TLS_error_end", client.Connection.Transport!.Failure);
        Assert.Equal([TlsFailure.Refused], _client.Failures);
        Assert.Equal(CloseReason.Remote, server.Closed);
        Assert.Contains("TLSV1_ALERT_UNKNOWN_CA", server.Connection.Transport!.Failure);
    }

    [Fact]
    public void A_client_without_the_certificate_it_must_show_is_turned_away()
    {
        var (client, server) = Attempt(Server() with { ClientCertificates = ClientCertificates.Required, Verifier = new TrustingVerifier(_authority.Trust()), MaxVersion = TlsVersion.Tls12 }, Client());
        _test.Until(() => client.Closed is not null && server.Closed is not null);
        Assert.Equal([TlsFailure.NoCertificate], _server.Failures);
        Assert.Equal(CloseReason.ConnectFailed, client.Closed);
        Assert.Contains("SSLV3_ALERT_HANDSHAKE_FAILURE", client.Connection.Transport!.Failure);
        Assert.False(client.Connected);
    }

    [Fact]
    public void A_client_certificate_is_known_with_its_names()
    {
        var own = _authority.Issue("CN=client, O=Weft", names =>
        {
            names.AddUri(new Uri("spiffe://example/ns/a"));
            names.AddDnsName("client.example");
            names.AddIpAddress(IPAddress.Parse("10.1.2.3"));
        });
        Pair(Server() with { ClientCertificates = ClientCertificates.Required, Verifier = new TrustingVerifier(_authority.Trust()) }, Client() with { Certificates = [own] });
        _test.Until(() => _server.Handshakes.Count == 1);
        var peer = _server.Handshakes[0].Peer!;
        Assert.True(_server.Handshakes[0].IsPeerValidated);
        Assert.Equal("CN=client,O=Weft", peer.Subject);
        Assert.Equal("CN=Test CA", peer.Issuer);
        Assert.StartsWith("0abc12", peer.SerialNumber);
        Assert.Equal([(SubjectAltNameKind.Uri, "spiffe://example/ns/a"), (SubjectAltNameKind.Dns, "client.example"), (SubjectAltNameKind.IP, "10.1.2.3")],
            peer.SubjectAltNames.Select(name => (name.Kind, name.Text)));
        Assert.Equal(own.Info.Sha256, peer.Sha256);
    }

    [Fact]
    public void The_name_asked_for_chooses_the_certificate()
    {
        var first = _authority.Issue("CN=first", names => names.AddDnsName("first.example"));
        var second = _authority.Issue("CN=second", names => names.AddDnsName("second.example"));
        var wild = _authority.Issue("CN=wild", names => names.AddDnsName("*.wild.example"));
        var context = Context(Server() with { Certificates = [first, second, wild] });
        Assert.Equal("CN=second", SubjectFor(context, "second.example"));
        Assert.Equal("CN=second", SubjectFor(context, "SECOND.example"));
        Assert.Equal("CN=wild", SubjectFor(context, "a.wild.example"));
        Assert.Equal("CN=first", SubjectFor(context, "unknown.example"));
        Assert.Equal("CN=first", SubjectFor(context, ""));
    }

    [Fact]
    public void A_common_name_beside_other_names_is_not_asked_for()
    {
        var first = _authority.Issue("CN=first", names => names.AddDnsName("first.example"));
        var workload = _authority.Issue("CN=second.example", names => names.AddUri(new Uri("spiffe://example/second")));
        Assert.Equal("CN=first", SubjectFor(Context(Server() with { Certificates = [first, workload] }), "second.example"));
    }

    [Fact]
    public void Of_two_certificates_for_a_name_the_client_gets_the_one_its_algorithms_allow()
    {
        var ec = _authority.Issue("CN=ec");
        var rsa = _authority.Issue("CN=rsa", rsa: true);
        var context = Context(Server() with { Certificates = [ec, rsa] });
        Assert.Equal("CN=ec", SubjectFor(context, "test.example"));
        Assert.Equal("CN=rsa", SubjectFor(context, "test.example", Client() with { SignatureAlgorithms = "rsa_pss_rsae_sha256", Verifier = null }));
    }

    [Theory]
    [InlineData(TlsVersion.Tls12)]
    [InlineData(TlsVersion.Tls13)]
    public void A_second_connection_resumes_even_at_another_server_with_the_same_ticket_key(TlsVersion version)
    {
        var key = new TicketKey(Enumerable.Range(0, TicketKey.Bytes).Select(i => (byte)i).ToArray());
        var certificate = _authority.Issue("CN=server");
        var options = Server() with { Certificates = [certificate], TicketKeys = [key], MaxVersion = version, SessionContext = [1] };
        var context = Context(Client());
        Exchange(Context(options), context);
        Exchange(Context(options), context);
        Assert.Equal([false, true], _client.Handshakes.Select(facts => facts.IsResumed));
        Assert.Equal([false, true], _server.Handshakes.Select(facts => facts.IsResumed));
        Assert.Equal("CN=server", _client.Handshakes[1].Peer!.Subject);
    }

    [Fact]
    public void A_session_made_for_one_name_is_not_resumed_for_another()
    {
        var (client, server) = (Context(Client()), Context(Server()));
        Exchange(server, client, "a.example");
        Exchange(server, client, "b.example");
        Exchange(server, client, "b.example");
        Assert.Equal([false, false, true], _client.Handshakes.Select(facts => facts.IsResumed));
    }

    [Fact]
    public void Without_tickets_nothing_is_resumed()
    {
        var context = Context(Client());
        var server = Context(Server() with { DisableTickets = true, DisableSessionCache = true, MaxVersion = TlsVersion.Tls12 });
        Exchange(server, context);
        Exchange(server, context);
        Assert.All(_client.Handshakes, facts => Assert.False(facts.IsResumed));
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n\r\n", "HTTP_REQUEST")]
    [InlineData("\0\0\0\0\0\0\0\0\0\0\0\0", "WRONG_VERSION_NUMBER")]
    [InlineData("\x16\x03\x01\0\x04\x01\0\0\0", "LENGTH_TOO_SHORT")]
    public void What_is_not_a_client_hello_is_closed_with_a_reason(string bytes, string reason)
    {
        var context = Context(Server());
        var listener = _test.Listen(accept: connection =>
        {
            connection.Secure(context.NewServerTransport(), 0);
            return new Recorder(connection);
        });
        var client = _test.Connect(listener.LocalAddress);
        _test.Until(() => client.Connected);
        client.Connection.Write(Encoding.Latin1.GetBytes(bytes));
        _test.Until(() => _test.Accepted is [{ Closed: not null }]);
        Assert.Equal(CloseReason.Remote, _test.Accepted[0].Closed);
        Assert.Contains(reason, _test.Accepted[0].Connection.Transport!.Failure);
        Assert.Equal(0, _test.Accepted[0].Received.Length);
        Assert.Equal([TlsFailure.Protocol], _server.Failures);
        _test.Until(() => client.ReadEnds == 1);
    }

    [Fact]
    public void A_handshake_that_takes_too_long_is_given_up()
    {
        var context = Context(Server());
        var listener = _test.Listen(accept: connection =>
        {
            connection.Secure(context.NewServerTransport(), 500);
            return new Recorder(connection);
        });
        var client = _test.Connect(listener.LocalAddress);
        _test.Until(() => _test.Accepted.Count == 1);
        client.Connection.Write("\x16\x03"u8);
        _test.Settle();
        _time.AdvanceMs(499);
        _test.Settle();
        Assert.Null(_test.Accepted[0].Closed);
        _time.AdvanceMs(2);
        _test.Until(() => _test.Accepted[0].Closed == CloseReason.ConnectTimeout);
    }

    [Fact]
    public void A_peer_that_vanishes_within_the_handshake_fails_the_connection()
    {
        var listener = _test.Listen(accept: connection => new Recorder(connection));
        var client = Connect(listener, Context(Client()));
        _test.Until(() => _test.Accepted.Count == 1);
        _test.Accepted[0].Connection.Close(CloseMode.Now);
        _test.Until(() => client.Closed == CloseReason.ConnectFailed);
        Assert.False(client.Connected);
    }

    [Fact]
    public void Data_behind_the_handshake_waits_for_a_reader_that_pauses_at_once()
    {
        var context = Context(Server());
        var listener = _test.Listen(accept: connection =>
        {
            connection.Secure(context.NewServerTransport(), 0);
            connection.Write("welcome"u8);
            return new Recorder(connection);
        });
        var client = Connect(listener, Context(Client() with { MaxVersion = TlsVersion.Tls12 }));
        client.OnConnect = () => client.Connection.PauseReading();
        _test.Until(() => client.Connected);
        _test.Settle();
        Assert.Equal("", client.Text);
        client.Connection.ResumeReading();
        _test.Until(() => client.Text == "welcome");
    }

    [Fact]
    public void Bytes_looked_at_before_are_given_back_to_the_handshake()
    {
        var context = Context(Server());
        var listener = _test.Listen(accept: connection =>
        {
            var outer = new Recorder(connection);
            outer.Data = data =>
            {
                connection.Handler = new Recorder(connection).Echo();
                connection.Secure(context.NewServerTransport(), 0);
                connection.Redeliver(data);
            };
            return outer;
        });
        var client = Connect(listener, Context(Client()));
        _test.Until(() => client.Connected);
        client.Connection.Write("through"u8);
        _test.Until(() => client.Text == "through");
    }

    [Fact]
    public void A_peer_that_asks_for_new_keys_again_and_again_is_turned_away()
    {
        var (client, server) = Pair(Server(), Client());
        AskForNewKeys(client, times: 20);
        client.Connection.Write("x"u8);
        _test.Until(() => server.Text == "x");
        AskForNewKeys(client, times: 20);
        client.Connection.Write("y"u8);
        _test.Until(() => server.Text == "xy");
        Assert.Empty(_server.Failures);
        AskForNewKeys(client, times: 200);
        _test.Until(() => server.Closed is not null);
        Assert.Equal([TlsFailure.Protocol], _server.Failures);
        Assert.Equal("TLS_error:|too many messages that carry nothing:TLS_error_end", server.Connection.Transport!.Failure);
    }

    [Fact]
    public void An_exchange_of_records_allocates_nothing()
    {
        var (client, server) = Pair(Server(), Client());
        var received = 0;
        server.Data = data => server.Connection.Write(data);
        client.Data = data => received += data.Length;
        void Exchange()
        {
            received = 0;
            client.Connection.Write("0123456789"u8);
            while (received < 10)
                _test.Loop.RunTurn(5);
        }

        Assert.Equal(0, Allocations.Of(() =>
        {
            for (var i = 0; i < 100; i++)
                Exchange();
        }));
    }

    /// <summary>Sends messages that make the peer's library answer, and mean nothing to its handler (RFC 8446 section 4.6.3).</summary>
    private static void AskForNewKeys(Recorder client, int times)
    {
        const int Requested = 1;
        const System.Reflection.BindingFlags Private = System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Instance;
        var transport = client.Connection.Transport!;
        var ssl = (nint)typeof(TlsTransport).GetField("_ssl", Private)!.GetValue(transport)!;
        typeof(TlsTransport).GetMethod("Enter", Private)!.Invoke(transport, null);
        for (var i = 0; i < times; i++)
        {
            Assert.Equal(1, SSL_key_update(ssl, Requested));
            Assert.Equal(1, LibSsl.SSL_do_handshake(ssl));
        }

        client.Connection.ScheduleFlush();
    }

    [LibraryImport(LibSsl.Library)]
    private static partial int SSL_key_update(nint ssl, int type);

    private string SubjectFor(TlsContext server, string name, TlsContextOptions? options = null)
    {
        var before = _client.Handshakes.Count;
        Exchange(server, Context(options ?? Client()), name);
        return _client.Handshakes[before].Peer!.Subject;
    }

    /// <summary>A connection with a byte each way, so that tickets have come.</summary>
    private void Exchange(TlsContext server, TlsContext client, string name = "")
    {
        var listener = _test.Listen(accept: connection =>
        {
            connection.Secure(server.NewServerTransport(), 0);
            return new Recorder(connection).Echo();
        });
        var recorder = Connect(listener, client, new TlsClientOptions { ServerName = name });
        _test.Until(() => recorder.Connected);
        recorder.Connection.Write("x"u8);
        _test.Until(() => recorder.Text == "x");
        recorder.Connection.Close(CloseMode.Now);
        _test.Until(() => _test.Accepted[^1].Closed is not null);
    }

    private (Recorder Client, Recorder Server) Pair(TlsContextOptions server, TlsContextOptions client, TlsClientOptions? how = null)
    {
        var (one, other) = Attempt(server, client, how);
        _test.Until(() => one.Connected && _server.Handshakes.Count > 0);
        return (one, other);
    }

    private (Recorder Client, Recorder Server) Attempt(TlsContextOptions server, TlsContextOptions client, TlsClientOptions? how = null)
    {
        var context = Context(server);
        var listener = _test.Listen(accept: connection =>
        {
            connection.Secure(context.NewServerTransport(), 10_000);
            return new Recorder(connection);
        });
        var recorder = Connect(listener, Context(client), how);
        _test.Until(() => _test.Accepted.Count == 1);
        return (recorder, _test.Accepted[0]);
    }

    private Recorder Connect(ListenSocket to, TlsContext context, TlsClientOptions? how = null)
    {
        var recorder = new Recorder(null);
        recorder.Connection = Connection.Connect(_test.Loop, to.LocalAddress, 10_000, recorder, null, context.NewClientTransport(how ?? new TlsClientOptions()));
        return recorder;
    }

    private TlsContextOptions Server() => new() { IsServer = true, Certificates = [_authority.Issue("CN=server")], Observer = _server };

    private TlsContextOptions Client() => new() { IsServer = false, Verifier = new TrustingVerifier(_authority.Trust()), Observer = _client };

    private static TlsContext Context(TlsContextOptions options)
    {
        var context = TlsContext.Create(options, out var error);
        Assert.Equal("", error);
        return context!;
    }
}
