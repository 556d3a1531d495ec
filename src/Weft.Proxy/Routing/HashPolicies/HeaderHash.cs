using Weft.Base.Buffers;
using Weft.Base.Hashing;
using Weft.Http;
using Weft.Proxy.Routing.Matching;
using Weft.Proxy.Streams;

namespace Weft.Proxy.Routing.HashPolicies;

/// <summary>The value of a header, rewritten if asked for; several values count the same in whatever order they come.</summary>
internal sealed class HeaderHash(HeaderName name, RegexRewrite? rewrite) : HashMethod
{
    [ThreadStatic]
    private static Values? s_values;

    public override ulong? Hash(HeaderMap headers, StreamInfo info, GeneratedCookies? cookies)
    {
        var first = headers.IndexOf(name);
        if (first < 0)
            return null;
        if (rewrite is null && headers.IndexOf(name, first + 1) < 0)
            return XxHash64.Hash(headers.ValueAt(first));
        var values = s_values ??= new Values();
        values.Clear();
        for (var i = first; i >= 0; i = headers.IndexOf(name, i + 1))
            values.Add(headers.ValueAt(i), rewrite);
        return values.Hash();
    }

    /// <summary>The values of one request's header; kept by its thread.</summary>
    private sealed class Values
    {
        private readonly ByteWriter _text = new();
        private readonly List<(int Start, int Length)> _values = [];
        private readonly Comparison<(int Start, int Length)> _byText;

        public Values() => _byText = (one, other) => Text(one).SequenceCompareTo(Text(other));

        public void Clear()
        {
            _text.Clear();
            _values.Clear();
        }

        public void Add(ReadOnlySpan<byte> value, RegexRewrite? rewrite)
        {
            var start = _text.Length;
            if (rewrite is null)
                _text.Write(value);
            else
                rewrite.Replace(value, _text);
            _values.Add((start, _text.Length - start));
        }

        /// <summary>Each value's hash is the seed of the next.</summary>
        public ulong Hash()
        {
            _values.Sort(_byText);
            var hash = 0UL;
            foreach (var value in _values)
                hash = XxHash64.Hash(Text(value), hash);
            return hash;
        }

        private ReadOnlySpan<byte> Text((int Start, int Length) value) => _text.Written.Slice(value.Start, value.Length);
    }
}
