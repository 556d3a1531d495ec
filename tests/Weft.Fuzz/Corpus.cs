using System.Text;
using Weft.Base;

namespace Weft.Fuzz;

/// <summary>Messages made from parts, mostly valid, some of each kind that codecs stumble over.</summary>
internal static class Corpus
{
    private static readonly string[] Methods = ["GET", "POST", "PUT", "HEAD", "DELETE", "OPTIONS", "PATCH", "CONNECT", "TRACE", "PURGE"];
    private static readonly string[] OddMethods = ["get", "G", "", "GET "];
    private static readonly string[] Targets = ["/", "/a/b?c=d", "/%2e%2e/x", "/a%2Fb//c", "http://a.example/x", "http://b:81", "https://[::1]?q", "//", "/a#b"];
    private static readonly string[] OddTargets = ["*", "h:443", "ftp://x/", "http://", "/\u00e4", "a"];
    private static readonly string[] Versions = ["HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.0"];
    private static readonly string[] OddVersions = ["HTTP/2.0", "HTTP/1.2", "", "HTTP/1.10"];
    private static readonly string[] Statuses = ["200 OK", "204 No Content", "304 Not Modified", "100 Continue", "101 Switching Protocols", "103", "500 ", "404 x"];
    private static readonly string[] OddStatuses = ["099 x", "1000", "", "2O0"];
    private static readonly string[] Names =
        ["Content-Length", "Connection", "Upgrade", "Accept", "X-Forwarded-For", "x-envoy-internal", "Cookie", "TE", "Keep-Alive", "Foo_Bar", "x", "Trailer", "Set-Cookie", "Expect", "A-Name-Of-More-Than-Thirty-Two-Bytes", "X-Request-Id", "sixteen-byte-nam", "fifteen-byte-na"];
    private static readonly string[] OddNames = ["Host", "Transfer-Encoding", ":path", "", "a b", "\u00e4"];
    private static readonly string[] Values =
        ["", "a", "0", "5", "10", "close", "keep-alive, upgrade", "x-envoy-internal", "websocket", "h2c", "trailers", "a, b", "  padded \t", "100-continue", "h.example:80", "\u00ff\u0080", "a\tb", "1.2.3.4, 5.6.7.8"];
    private static readonly string[] OddValues = ["0x10", "18446744073709551616", "x\0y", "chunked", "identity, chunked", "\u007f", "a,b@c"];
    private static readonly string[] Breaks = ["\n", "\r", "\r\n ", "\r\r\n", ""];
    private static readonly string[] Colons = [":", ":  ", ":\t", ":          "];
    private static readonly string[] OddColons = [" : ", "", " ", "::"];
    private static readonly string[] Bodies = ["", "hello", "0123456789", "GET / HTTP/1.1\r\n\r\n", "\r\n\r\n"];
    private static readonly string[] Chunks =
        ["5\r\nhello\r\n", "a;x=\"y\"\r\n0123456789\r\n", "0\r\n\r\n", "0\r\nTrail-Er: x\r\n\r\n", "1\r\na\r\n0\r\n\r\n", "5\r\nhel", "5;\n\r\nhello\r\n", "05\r\nhello\r\n", "g\r\n", "1\r\naX", "0;ext\r\nContent-Length: 5\r\na:b\r\n\r\n"];

    /// <summary>Bytes and words that mean something to a codec.</summary>
    public static readonly byte[][] Tokens =
    [
        .. new[]
        {
            "\r\n", "\r\n\r\n", "\n", "\r", "\0", " ", "\t", ":", ": ", ",", ";", "0", "0\r\n\r\n", "chunked", "Transfer-Encoding: chunked\r\n", "Content-Length: 5\r\n",
            "Connection: close\r\n", "Connection: upgrade\r\nUpgrade: x\r\n", "Host: h\r\n", "HTTP/1.1", "HTTP/1.1 200 OK\r\n", "GET / HTTP/1.1\r\n", "a:b\r\n", "a:\r\n", "ffffffffffffffff", "\u00ff", "_", "@", "/../", "%2e", "#",
        }.Select(Encoding.Latin1.GetBytes),
    ];

    public static byte[] Message(RandomSource random, bool isResponse)
    {
        var text = new StringBuilder();
        for (var messages = 1 + random.Next(2); messages > 0; messages--)
        {
            // Half of them without anything unusual, so that there is something to mutate that is taken.
            if (random.Next(2) == 0) AppendPlain(text, random, isResponse);
            else AppendOdd(text, random, isResponse);
        }

        return Encoding.Latin1.GetBytes(text.ToString());
    }

    private static void AppendPlain(StringBuilder text, RandomSource random, bool isResponse)
    {
        text.Append(isResponse ? "HTTP/1.1 200 OK\r\n" : random.Next(2) == 0 ? "GET /a/../b?c HTTP/1.1\r\nHost: h.example\r\n" : "POST / HTTP/1.1\r\nhost:h\r\n");
        for (var headers = random.Next(8); headers > 0; headers--)
            text.Append("X-Header-").Append(random.Next(1000)).Append(random.Next(4) == 0 ? ":" : ": ").Append('v', (int)random.Next(40)).Append("\r\n");
        switch (random.Next(4))
        {
            case 0:
                var length = (int)random.Next(50);
                text.Append("Content-Length: ").Append(length).Append("\r\n\r\n").Append('b', length);
                break;
            case 1:
                text.Append("Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nTrailer-One:1\r\n\r\n");
                break;
            case 2:
                text.Append("Connection: Upgrade\r\nUpgrade: websocket\r\n\r\nabc");
                break;
            default:
                text.Append(isResponse ? "Content-Length: 0\r\n\r\n" : "\r\n");
                break;
        }
    }

    private static void AppendOdd(StringBuilder text, RandomSource random, bool isResponse)
    {
        if (random.Next(10) == 0) text.Append("\r\n");
        var version = Pick(Versions, OddVersions, random);
        if (isResponse) text.Append(version).Append(' ').Append(Pick(Statuses, OddStatuses, random));
        else text.Append(Pick(Methods, OddMethods, random)).Append(' ').Append(Pick(Targets, OddTargets, random)).Append(' ').Append(version);
        AppendBreak(text, random);
        if (random.Next(15) != 0) text.Append("Host: h\r\n");
        for (var headers = random.Next(6); headers > 0; headers--)
        {
            text.Append(Pick(Names, OddNames, random)).Append(random.Next(4) == 0 ? Pick(Colons, OddColons, random) : ": ").Append(Pick(Values, OddValues, random));
            AppendBreak(text, random);
        }

        if (random.Next(3) == 0)
        {
            text.Append("Transfer-Encoding: chunked\r\n\r\n");
            for (var chunks = random.Next(4); chunks > 0; chunks--) text.Append(Pick(Chunks, random));
            if (random.Next(3) != 0) text.Append("0\r\n\r\n");
        }
        else
        {
            text.Append("\r\n").Append(Pick(Bodies, random));
        }
    }

    private static void AppendBreak(StringBuilder text, RandomSource random) => text.Append(random.Next(40) == 0 ? Pick(Breaks, random) : "\r\n");

    private static string Pick(string[] usual, string[] odd, RandomSource random) => Pick(random.Next(20) == 0 ? odd : usual, random);

    private static string Pick(string[] from, RandomSource random) => from[random.Next((uint)from.Length)];
}
