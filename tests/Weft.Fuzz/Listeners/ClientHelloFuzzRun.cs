using System.Text;
using Weft.Base;
using Weft.Proxy.Listeners.ListenerFilters.TlsInspector;

namespace Weft.Fuzz.Listeners;

/// <summary>The reader of TLS hellos, by which listeners choose filter chains.</summary>
public sealed class ClientHelloFuzzRun(ulong seed) : FirstBytesFuzzRun<ClientHelloFuzzRun.Hello>(seed)
{
    private static readonly string[] s_names = ["", "a.example", "WWW.Example.com", "x", new('n', 200), "xn--bcher-kva.example"];
    private static readonly string[] s_protocols = ["h2", "http/1.1", "istio-peer-exchange", "x"];

    /// <summary>What a hello was made of.</summary>
    public sealed record Hello(string ServerName, string[] Protocols);

    protected override (byte[] Bytes, Hello Truth) Make(RandomSource random)
    {
        var hello = new Hello(s_names[random.Next((uint)s_names.Length)], [.. Enumerable.Range(0, (int)random.Next(4)).Select(_ => s_protocols[random.Next((uint)s_protocols.Length)])]);
        return (Records(Message(hello, random), random), hello);
    }

    protected override FirstBytesStatus Read(ReadOnlySpan<byte> data, out string found)
    {
        var status = ClientHello.Read(data, out var hello);
        found = hello is null ? "" : Text(hello.ServerName, hello.ApplicationProtocols);
        return status switch
        {
            ClientHelloStatus.Found => FirstBytesStatus.Found,
            ClientHelloStatus.NeedsMore => FirstBytesStatus.NeedsMore,
            _ => FirstBytesStatus.Refused,
        };
    }

    protected override string Describe(Hello truth) => Text(truth.ServerName.ToLowerInvariant(), truth.Protocols);

    private static string Text(string name, IEnumerable<string> protocols) => $"{name} {string.Join(',', protocols)}";

    /// <summary>RFC 8446 section 4.1.2, with other extensions in between.</summary>
    private static byte[] Message(Hello hello, RandomSource random)
    {
        var extensions = new List<byte>();
        AddOther(extensions, random);
        if (hello.ServerName.Length > 0)
            Add(extensions, 0, Prefixed(2, [0, .. Prefixed(2, Encoding.ASCII.GetBytes(hello.ServerName))]));
        AddOther(extensions, random);
        if (hello.Protocols.Length > 0)
            Add(extensions, 16, Prefixed(2, [.. hello.Protocols.SelectMany(protocol => Prefixed(1, Encoding.ASCII.GetBytes(protocol)))]));
        AddOther(extensions, random);
        byte[] body = [3, 3, .. new byte[32], .. Prefixed(1, new byte[random.Next(2) * 32]), .. Prefixed(2, [0x13, 1, 0x13, 2]), 1, 0, .. extensions.Count == 0 && random.Next(2) == 0 ? [] : Prefixed(2, [.. extensions])];
        return [1, .. Prefixed(3, body)];
    }

    private static void AddOther(List<byte> extensions, RandomSource random)
    {
        if (random.Next(2) == 0)
            Add(extensions, (int)(20 + random.Next(30)), new byte[random.Next(random.Next(8) == 0 ? 3000u : 40u)]);
    }

    private static void Add(List<byte> extensions, int type, byte[] data) => extensions.AddRange([(byte)(type >> 8), (byte)type, .. Prefixed(2, data)]);

    /// <summary>In one record, or in several of any size.</summary>
    private static byte[] Records(byte[] message, RandomSource random)
    {
        var records = new List<byte>();
        for (var at = 0; at < message.Length;)
        {
            var length = random.Next(2) == 0 ? message.Length - at : (int)Math.Min(message.Length - at, 64 + random.Next(2000));
            records.AddRange([22, 3, (byte)random.Next(4), (byte)(length >> 8), (byte)length, .. message.AsSpan(at, length)]);
            at += length;
        }

        return [.. records];
    }

    private static byte[] Prefixed(int lengthBytes, byte[] data)
    {
        var prefix = new byte[lengthBytes];
        for (var i = 0; i < lengthBytes; i++)
            prefix[i] = (byte)(data.Length >> (8 * (lengthBytes - 1 - i)));
        return [.. prefix, .. data];
    }
}
