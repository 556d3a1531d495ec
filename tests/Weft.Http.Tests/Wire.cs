using System.Text;
using Weft.Http.Http1;

namespace Weft.Http.Tests;

/// <summary>Short ways to run bytes through a decoder.</summary>
internal static class Wire
{
    public static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);

    /// <summary>Decodes requests; pipelined ones go on as each ends.</summary>
    public static Recorder Request(string text, Http1DecoderOptions? options = null) => Run(text, isResponse: false, options);

    public static Recorder Response(string text, Http1DecoderOptions? options = null, string method = "GET", bool upgrade = false)
        => Run(text, isResponse: true, options, method, upgrade);

    public static Recorder Run(string text, bool isResponse, Http1DecoderOptions? options = null, string method = "GET", bool upgrade = false, int[]? cuts = null)
    {
        var recorder = New(isResponse, options);
        if (isResponse) recorder.Decoder.ExpectResponseTo(Bytes(method), upgrade);
        var bytes = Bytes(text);
        var start = 0;
        foreach (var cut in cuts ?? [])
        {
            Feed(recorder, bytes.AsSpan(start, cut - start));
            start = cut;
        }

        Feed(recorder, bytes.AsSpan(start));
        return recorder;
    }

    public static Recorder New(bool isResponse, Http1DecoderOptions? options = null)
    {
        var recorder = new Recorder();
        recorder.Decoder = new Http1Decoder(isResponse, options ?? new Http1DecoderOptions(), recorder);
        return recorder;
    }

    /// <summary>Offers bytes until all are taken, resuming after each message and each upgrade.</summary>
    public static void Feed(Recorder recorder, ReadOnlySpan<byte> bytes)
    {
        while (true)
        {
            // An array of its own, so that reading beyond the span is found out by what follows it.
            var copy = bytes.ToArray();
            var taken = recorder.Decoder.Decode(copy);
            copy.AsSpan().Fill((byte)'#');
            bytes = bytes[taken..];
            if (!recorder.Decoder.IsPaused)
            {
                Assert.True(bytes.IsEmpty);
                return;
            }

            recorder.Decoder.Resume();
        }
    }
}
