using Weft.Base;
using Weft.Http;
using Weft.Http.Http1;
using Weft.Http.Urls;

namespace Weft.Fuzz;

/// <summary>What must hold for every input: nothing throws, the split does not show, another reader agrees, and what is forwarded reads the same.</summary>
internal sealed class CodecChecks
{
    private static readonly string[] RequestMethods = ["GET", "GET", "HEAD", "CONNECT"];

    private readonly RoundTrip _roundTrip = new();
    private readonly HeaderMap _reusedMap = new();

    public long Messages { get; private set; }

    public long Refusals { get; private set; }

    public void Check(byte[] input, bool isResponse, RandomSource random)
    {
        var setup = new Setup(isResponse, Options(random), RequestMethods[random.Next(4)], random.Next(2) == 0, random.Next(3) == 0);
        var whole = Read(input, setup, new HeaderMap(), _ => input.Length, out var ends);
        // The same bytes in pieces, into a map that has seen other messages.
        var pieces = Read(input, setup, _reusedMap, left => 1 + (int)random.Next((uint)Math.Min(left, 1 + random.Next(100))), out _);
        if (whole.ToString() != pieces.ToString()) throw new FindingException($"in pieces:\n{pieces}\nas a whole:\n{whole}");
        var bytes = input.Length < 600 ? Read(input, setup, _reusedMap, _ => 1, out _) : whole;
        if (whole.ToString() != bytes.ToString()) throw new FindingException($"in single bytes:\n{bytes}\nas a whole:\n{whole}");

        if (whole.Error is not null) Refusals++;
        Messages += whole.Messages.Count;
        var start = 0;
        for (var i = 0; i < ends.Count; i++)
        {
            var isTunnel = IsTunnel(whole.Messages[i], setup);
            CheckBoundary(input, start, ends[i], whole.Messages[i], setup, isTunnel);
            start = ends[i];
            if (!isTunnel) _roundTrip.Check(whole.Messages[i], isResponse);
            if (!isResponse) CheckPath(whole.Messages[i].Headers, random);
        }
    }

    /// <param name="IsTunnel">Upgrades and CONNECT are accepted rather than taken as ordinary messages.</param>
    private sealed record Setup(bool IsResponse, Http1DecoderOptions Options, string Method, bool Upgrade, bool IsTunnel);

    private static Http1DecoderOptions Options(RandomSource random) => new()
    {
        MaxHeadersBytes = random.Next(4) == 0 ? 300 : 60 * 1024,
        MaxHeadersCount = random.Next(4) == 0 ? 5 : 100,
        AcceptHttp10 = random.Next(2) == 0,
        DefaultHostForHttp10 = random.Next(4) == 0 ? "default" : null,
        EnableTrailers = random.Next(2) == 0,
        AllowAbsoluteUrl = random.Next(4) != 0,
        AllowChunkedLength = random.Next(4) == 0,
        AllowCustomMethods = random.Next(4) == 0,
        Underscores = (UnderscoreAction)random.Next(3),
    };

    /// <summary>Reads the input; <paramref name="piece"/> says how many bytes to offer next. Of responses only the first.</summary>
    private static Transcript Read(byte[] input, Setup setup, HeaderMap map, Func<int, int> piece, out List<int> ends)
    {
        var transcript = new Transcript(map) { IsResponse = setup.IsResponse };
        var decoder = new Http1Decoder(setup.IsResponse, setup.Options, transcript);
        transcript.Decoder = decoder;
        if (setup.IsResponse) decoder.ExpectResponseTo(System.Text.Encoding.ASCII.GetBytes(setup.Method), setup.Upgrade);
        ends = [];
        var taken = 0;
        var offered = 0;
        while (true)
        {
            if (taken == offered)
            {
                if (offered == input.Length) break;
                offered += Math.Min(piece(input.Length - offered), input.Length - offered);
            }

            // A copy of its own, overwritten afterwards: the decoder must keep nothing of it and look at nothing behind it.
            var copy = input.AsSpan(taken, offered - taken).ToArray();
            var count = decoder.Decode(copy);
            copy.AsSpan().Fill((byte)'\n');
            if (count < copy.Length && !decoder.IsPaused) throw new FindingException("bytes not taken though not paused");
            taken += count;
            if (!decoder.IsPaused) continue;
            while (decoder.IsPaused)
            {
                if (decoder.IsIdle)
                {
                    ends.Add(taken);
                    if (setup.IsResponse) return transcript;
                }

                if (!decoder.IsIdle && setup.IsTunnel) decoder.SwitchToTunnel();
                else decoder.Resume();
                decoder.Decode(default);
            }
        }

        decoder.DecodeEnd();
        if (transcript.Messages.Count > ends.Count) ends.Add(taken);
        return transcript;
    }

    private static bool IsTunnel(Message message, Setup setup)
    {
        var status = message.Headers.Status;
        if (setup.IsResponse) return status == 101 || (setup.Method == "CONNECT" && status is >= 200 and < 300);
        var isConnect = message.Headers.Get(KnownHeader.Method).SequenceEqual("CONNECT"u8);
        return setup.IsTunnel && (isConnect || (!message.IsHttp10 && HopByHop.IsUpgrade(message.Headers)));
    }

    private static void CheckBoundary(byte[] input, int start, int end, Message message, Setup setup, bool isTunnel)
    {
        var isConnect = message.Headers.Get(KnownHeader.Method).SequenceEqual("CONNECT"u8);
        var bodiless = setup.IsResponse ? setup.Method == "HEAD" || message.Headers.Status is 204 or 304 : isConnect;
        var untilClose = setup.IsResponse && !bodiless && !message.Headers.Has(KnownHeader.ContentLength) && !message.Headers.Has(KnownHeader.TransferEncoding);
        var naive = NaiveReader.Read(input, start, setup.IsResponse, bodiless || isTunnel || untilClose, out var body);
        if (isTunnel || untilClose)
        {
            body = input[naive..end];
            naive = end;
        }

        if (naive != end) throw new FindingException($"a message ends at {end}, by the other reader at {naive}");
        if (!message.Body.SequenceEqual(body)) throw new FindingException("the other reader reads another body");
    }

    private static void CheckPath(HeaderMap headers, RandomSource random)
    {
        if (!headers.Has(KnownHeader.Path)) return;
        var (normalize, merge, slashes) = (random.Next(2) == 0, random.Next(2) == 0, (EscapedSlashes)random.Next(4));
        if (PathNormalization.Apply(headers, normalize, merge, slashes) == PathVerdict.Reject) return;
        var once = headers.Get(KnownHeader.Path).ToArray();
        // Unescaping may reveal another escape (%252F), so that only the rest is final.
        if (slashes >= EscapedSlashes.UnescapeAndRedirect) return;
        PathNormalization.Apply(headers, normalize, merge, slashes);
        if (!headers.Get(KnownHeader.Path).SequenceEqual(once)) throw new FindingException("a normalized path is normalized to another");
    }
}
