using Weft.Base;
using Weft.Http.Http1;
using Weft.Http.Http2;

namespace Weft.Fuzz.Http2;

/// <summary>
/// A sequence of HTTP/2 conversations that depends on nothing but its seed: nothing may throw, whatever is sent, the split of the bytes must
/// not show, and every buffer comes back. It ends with the first finding.
/// </summary>
public sealed class Http2FuzzRun(ulong seed) : IFuzzRun
{
    private readonly RandomSource _random = new(seed);

    /// <summary>Inputs so far.</summary>
    public long Inputs { get; private set; }

    /// <summary>Heads that the codec took.</summary>
    public long Messages { get; private set; }

    /// <summary>Inputs that ended the connection.</summary>
    public long Refusals { get; private set; }

    /// <summary>What went wrong, with the input, for a person; null while nothing did.</summary>
    public string? Finding { get; private set; }

    public void Step()
    {
        Inputs++;
        var isResponse = _random.Next(3) == 0;
        var bytes = FrameCorpus.Conversation(_random, isResponse);
        for (var changes = _random.Next(2) == 0 ? 0 : _random.Next(4); changes > 0; changes--) Change(bytes);
        byte[] input = [.. bytes];
        var options = Options();
        try
        {
            Check(input, isResponse, options);
        }
        catch (Exception error)
        {
            Finding = $"input {Inputs} of seed {seed}, {(isResponse ? "client" : "server")}: {error}\n{Convert.ToHexString(input)}";
        }
    }

    private void Check(byte[] input, bool isResponse, Http2Options options)
    {
        using var whole = new Http2Transcript(!isResponse, options);
        whole.Connection.Decode(input);
        whole.EndTurn();
        using var pieces = new Http2Transcript(!isResponse, options);
        for (var at = 0; at < input.Length;)
        {
            var length = Math.Min(input.Length - at, 1 + (int)_random.Next(_random.Next(2) == 0 ? 4u : 64u));
            // A copy of its own, overwritten afterwards: the codec must keep nothing of it.
            var copy = input.AsSpan(at, length).ToArray();
            pieces.Connection.Decode(copy);
            copy.AsSpan().Fill(0xEE);
            pieces.EndTurn();
            at += length;
        }

        if (whole.ToString() != pieces.ToString()) throw new FindingException($"in pieces:\n{pieces}\nas a whole:\n{whole}");
        Messages += whole.Messages;
        if (whole.Fault is not null) Refusals++;
    }

    private Http2Options Options() => new()
    {
        MaxHeadersBytes = _random.Next(4) == 0 ? 300 : 60 * 1024,
        MaxHeadersCount = _random.Next(4) == 0 ? 5 : 100,
        MaxConcurrentStreams = _random.Next(4) == 0 ? 2 : 1024,
        HpackTableBytes = _random.Next(4) == 0 ? 200 : 4096,
        StreamErrorOnInvalidMessage = _random.Next(2) == 0,
        AllowConnect = _random.Next(2) == 0,
        AllowMetadata = _random.Next(2) == 0,
        MaxFrameBytes = _random.Next(2) == 0 ? 16_384 : 100_000,
        Underscores = (UnderscoreAction)_random.Next(3),
    };

    private void Change(List<byte> bytes)
    {
        if (bytes.Count == 0) return;
        var at = (int)_random.Next((uint)bytes.Count);
        var length = (int)Math.Min(bytes.Count - at, 1 + _random.Next(16));
        switch (_random.Next(5))
        {
            case 0: bytes[at] ^= (byte)(1 << (int)_random.Next(8)); break;
            case 1: bytes[at] = (byte)_random.Next(256); break;
            case 2: bytes.RemoveRange(at, length); break;
            case 3: bytes.InsertRange(at, bytes.GetRange(at, length)); break;
            default: bytes.RemoveRange(at, bytes.Count - at); break;
        }
    }
}
