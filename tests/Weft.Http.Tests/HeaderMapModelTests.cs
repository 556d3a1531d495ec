using System.Text;
using Weft.Base;
using Weft.Base.Buffers;
using Weft.Http.Http1;

namespace Weft.Http.Tests;

/// <summary>Random changes of a map beside the same changes of a plain list: they must agree after every one.</summary>
public sealed class HeaderMapModelTests
{
    private static readonly string[] Names =
        [":method", ":path", ":authority", ":scheme", "a", "foo", "x-b3-traceid", "via", "set-cookie", "x-forwarded-for", "x-not-known-but-quite-long", "content-type"];

    private readonly HeaderMap _map = new();
    private readonly List<(string Name, string Value)> _model = [];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public void Map_behaves_as_a_list(ulong seed)
    {
        var random = new RandomSource(seed);
        using var pool = new BufferPool();
        var output = new ByteQueue(pool);
        for (var step = 0; step < 1500; step++)
        {
            Change(random);
            Assert.Equal(_model.Count, _map.Count);
            for (var i = 0; i < _model.Count; i++) Assert.Equal(_model[i], (Text(_map.NameAt(i)), Text(_map.ValueAt(i))));
            foreach (var name in Names) CheckLookUps(name);
            if (step % 50 == 0) CheckLines(output);
        }

        output.Clear();
    }

    private void Change(RandomSource random)
    {
        var name = Names[random.Next((uint)Names.Length)];
        var value = Value(random);
        switch (random.Next(_model.Count > 30 ? 12u : 9u))
        {
            case 0 or 1 or 2:
                Add(random, name, value);
                break;
            case 3 or 4:
                Set(random, name, value);
                break;
            case 5:
                Append(name, value);
                break;
            case 6:
                Assert.Equal(_model.RemoveAll(h => h.Name == name) > 0, _map.Remove(new HeaderName(name)));
                break;
            case 7:
                if (_model.Count > 0) AddOwnValue(random, name);
                break;
            case 8:
                if (random.Next(40) == 0) Restart();
                break;
            default:
                var index = (int)random.Next((uint)_model.Count);
                _map.RemoveAt(index);
                _model.RemoveAt(index);
                break;
        }
    }

    private void Add(RandomSource random, string name, string value)
    {
        var known = HeaderName.Find(Wire.Bytes(name));
        if (known != KnownHeader.None && random.Next(2) == 0) _map.Add(known, Wire.Bytes(value));
        else if (random.Next(2) == 0) _map.Add(Wire.Bytes(name), Wire.Bytes(value));
        else _map.Add(new HeaderName(name), Wire.Bytes(value));
        _model.Add((name, value));
    }

    private void Set(RandomSource random, string name, string value)
    {
        var known = HeaderName.Find(Wire.Bytes(name));
        if (known != KnownHeader.None && random.Next(2) == 0) _map.Set(known, Wire.Bytes(value));
        else _map.Set(new HeaderName(name), Wire.Bytes(value));
        SetModel(name, value);
    }

    private void SetModel(string name, string value)
    {
        var index = _model.FindIndex(h => h.Name == name);
        if (index < 0)
        {
            _model.Add((name, value));
            return;
        }

        _model[index] = (name, value);
        for (var i = _model.Count - 1; i > index; i--)
            if (_model[i].Name == name) _model.RemoveAt(i);
    }

    private void Append(string name, string value)
    {
        _map.Append(new HeaderName(name), Wire.Bytes(value), ", "u8);
        var index = _model.FindIndex(h => h.Name == name);
        if (index < 0) _model.Add((name, value));
        else _model[index] = (name, Join(_model[index].Value, ", ", value));
    }

    private static string Join(string a, string separator, string b) => a.Length == 0 ? b : b.Length == 0 ? a : a + separator + b;

    private void AddOwnValue(RandomSource random, string name)
    {
        var index = (int)random.Next((uint)_model.Count);
        var value = _map.ValueAt(index);
        var start = (int)random.Next((uint)value.Length + 1);
        var text = _model[index].Value[start..];
        switch (random.Next(3))
        {
            case 0:
                _map.Add(new HeaderName(name), value[start..]);
                _model.Add((name, text));
                break;
            case 1:
                _map.Set(new HeaderName(name), value[start..]);
                SetModel(name, text);
                break;
            default:
                if (text.Length > 200) break;
                _map.Append(new HeaderName(name), value[start..], "; "u8);
                var at = _model.FindIndex(h => h.Name == name);
                if (at < 0) _model.Add((name, text));
                else _model[at] = (name, Join(_model[at].Value, "; ", text));
                break;
        }
    }

    private void Restart()
    {
        var copy = new HeaderMap();
        copy.CopyFrom(_map);
        _map.Clear();
        Assert.Equal(0, _map.Count);
        _map.CopyFrom(copy);
    }

    private void CheckLookUps(string name)
    {
        var header = new HeaderName(name);
        var first = _model.FindIndex(h => h.Name == name);
        Assert.Equal(first, _map.IndexOf(header));
        Assert.Equal(first >= 0, _map.TryGet(header, out var value));
        Assert.Equal(first >= 0 ? _model[first].Value : "", Text(value));
        if (header.Known != KnownHeader.None) Assert.Equal(Text(value), Text(_map.Get(header.Known)));
        for (int i = first, next; i >= 0; i = next)
        {
            next = _model.FindIndex(i + 1, h => h.Name == name);
            Assert.Equal(next, _map.IndexOf(header, i + 1));
        }
    }

    /// <summary>What is encoded is every line in order, however the store lies.</summary>
    private void CheckLines(ByteQueue output)
    {
        Http1Encoder.WriteLastChunk(_map, output);
        var expected = new StringBuilder("0\r\n");
        foreach (var (name, value) in _model)
            if (name[0] != ':') expected.Append(name).Append(": ").Append(value).Append("\r\n");
        expected.Append("\r\n");
        var actual = new StringBuilder();
        while (!output.IsEmpty)
        {
            actual.Append(Text(output.First));
            output.Drain(output.First.Length);
        }

        Assert.Equal(expected.ToString(), actual.ToString());
    }

    private static string Value(RandomSource random)
        => new((char)('a' + random.Next(26)), (int)random.Next(random.Next(30) == 0 ? 3000u : 20u));

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);
}
