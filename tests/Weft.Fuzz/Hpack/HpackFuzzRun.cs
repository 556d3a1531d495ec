using System.Text;
using Weft.Base;
using Weft.Base.Buffers;
using Weft.Http;
using Weft.Http.Http2;
using Weft.Http.Http2.Hpack;

namespace Weft.Fuzz.Hpack;

/// <summary>
/// Header blocks, several on one connection: nothing may throw, another reader that shares no code finds the same fields or refuses the same blocks, and
/// what was found is the same after it was encoded and decoded again. One input is the blocks of one connection.
/// </summary>
public sealed class HpackFuzzRun(ulong seed) : IFuzzRun
{
    private const int MostBytes = 4_000;

    // Without limits of size or number: what a map takes is not what is asked here.
    private static readonly Http2Options s_options = new() { MaxHeadersBytes = int.MaxValue / 2, MaxHeadersCount = int.MaxValue };

    private readonly RandomSource _random = new(seed);
    private readonly ByteWriter _scratch = new();
    private readonly HeaderMap _map = new();

    public long Inputs { get; private set; }

    /// <summary>Blocks that were decoded to their end.</summary>
    public long Messages { get; private set; }

    public long Refusals { get; private set; }

    public string? Finding { get; private set; }

    public void Step()
    {
        Inputs++;
        var tableSize = (int)(_random.Next(4) == 0 ? _random.Next(200) : 4096);
        var corpus = new HpackCorpus(_random, tableSize);
        var blocks = new List<byte[]>();
        for (var count = 1 + _random.Next(6); count > 0; count--)
            blocks.Add(Changed(corpus.Block()));
        try
        {
            Check(blocks, tableSize);
        }
        catch (Exception error)
        {
            Finding = $"input {Inputs} of seed {seed}, table of {tableSize}: {error}\n{string.Join('\n', blocks.Select(Convert.ToHexString))}";
        }
    }

    private void Check(List<byte[]> blocks, int tableSize)
    {
        var decoder = new HpackDecoder(tableSize, _scratch);
        var naive = new NaiveHpack(tableSize);
        var encoder = new HpackEncoder();
        var again = new HpackDecoder(HpackEncoder.DefaultTableSize, _scratch);
        foreach (var block in blocks)
        {
            var collector = new FieldCollector(s_options, isServer: false);
            collector.Begin(_map, isTrailers: false);
            var isDecoded = decoder.Decode(block, collector);
            var fields = naive.Read(block);
            if (isDecoded != fields is not null)
                throw new FindingException(isDecoded ? "the other reader refuses it" : "only the other reader takes it");
            if (fields is null)
            {
                Refusals++;
                return;
            }

            Messages++;
            Maps.Check(_map);
            Compare(fields, isWhole: collector.Fault == FieldFault.None);
            if (_random.Next(8) == 0)
                encoder.SetTableSize((int)_random.Next(HpackEncoder.DefaultTableSize + 1));
            Repeat(fields.Take(_map.Count).ToList(), encoder, again);
        }
    }

    /// <summary>The map has the fields up to the first that no message may have.</summary>
    private void Compare(List<(string Name, string Value)> fields, bool isWhole)
    {
        if (isWhole ? _map.Count != fields.Count : _map.Count >= fields.Count)
            throw new FindingException($"{_map.Count} fields, by the other reader {fields.Count}");
        for (var i = 0; i < _map.Count; i++)
        {
            var found = (Encoding.Latin1.GetString(_map.NameAt(i)), Encoding.Latin1.GetString(_map.ValueAt(i)));
            if (found != fields[i])
                throw new FindingException($"field {i} is {found}, by the other reader {fields[i]}");
        }
    }

    private void Repeat(List<(string Name, string Value)> fields, HpackEncoder encoder, HpackDecoder decoder)
    {
        var output = new byte[HpackEncoder.BlockOverhead + fields.Sum(static f => f.Name.Length + f.Value.Length + HpackEncoder.FieldOverhead)];
        var length = encoder.WriteBlockStart(output);
        for (var i = 0; i < fields.Count; i++)
            length += encoder.WriteField(output.AsSpan(length), _map.KnownAt(i), _map.NameAt(i), _map.ValueAt(i));
        var collector = new FieldCollector(s_options, isServer: false);
        collector.Begin(_map, isTrailers: false);
        if (!decoder.Decode(output.AsSpan(0, length), collector) || collector.Fault != FieldFault.None)
            throw new FindingException($"what was encoded is not decoded: {Convert.ToHexString(output.AsSpan(0, length))}");
        Compare(fields, isWhole: true);
    }

    private byte[] Changed(List<byte> block)
    {
        for (var changes = _random.Next(6) == 0 ? 1 + _random.Next(3) : 0; changes > 0 && block.Count > 0; changes--)
        {
            var at = (int)_random.Next((uint)block.Count);
            var length = (int)Math.Min(block.Count - at, 1 + _random.Next(16));
            switch (_random.Next(5))
            {
                case 0: block[at] ^= (byte)(1 << (int)_random.Next(8)); break;
                case 1: block[at] = (byte)_random.Next(256); break;
                case 2: block.RemoveRange(at, length); break;
                case 3: block.InsertRange(at, block.GetRange(at, length)); break;
                default: block.InsertRange(at, Enumerable.Repeat((byte)0xFF, length)); break;
            }
        }

        return [.. block.Take(MostBytes)];
    }
}
