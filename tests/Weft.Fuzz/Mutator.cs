using Weft.Base;

namespace Weft.Fuzz;

/// <summary>Makes inputs: a message of the corpus with none to a few changes, sometimes joined to an earlier input.</summary>
internal sealed class Mutator
{
    private const int MaxBytes = 8192;

    private byte[] _earlier = [];

    public byte[] Next(RandomSource random, bool isResponse)
    {
        var input = Corpus.Message(random, isResponse).ToList();
        if (random.Next(8) == 0 && _earlier.Length > 0) input.InsertRange((int)random.Next((uint)input.Count + 1), _earlier);
        for (var changes = random.Next(4); changes > 0; changes--) Change(input, random);
        if (input.Count > MaxBytes) input.RemoveRange(MaxBytes, input.Count - MaxBytes);
        return _earlier = [.. input];
    }

    private static void Change(List<byte> input, RandomSource random)
    {
        if (input.Count == 0) return;
        var at = (int)random.Next((uint)input.Count);
        var length = (int)Math.Min(input.Count - at, 1 + random.Next(random.Next(4) == 0 ? 64u : 4u));
        switch (random.Next(8))
        {
            case 0:
                input[at] ^= (byte)(1 << (int)random.Next(8));
                break;
            case 1:
                input[at] = (byte)random.Next(256);
                break;
            case 2 or 3:
                input.InsertRange(at, Corpus.Tokens[random.Next((uint)Corpus.Tokens.Length)]);
                break;
            case 4:
                input.RemoveRange(at, length);
                break;
            case 5:
                input.InsertRange(at, input.GetRange(at, length));
                break;
            case 6:
                // Long runs cross the edges of vectors, of the bytes copied at a time, and of the store.
                input.InsertRange(at, Enumerable.Repeat(input[at], (int)random.Next(random.Next(8) == 0 ? 3000u : 70u)));
                break;
            default:
                input.RemoveRange(at, input.Count - at);
                break;
        }
    }
}
