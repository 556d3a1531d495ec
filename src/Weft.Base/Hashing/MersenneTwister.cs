namespace Weft.Base.Hashing;

/// <summary>
/// MT19937: what a sequence of numbers must come from that is to be the same as another program's std::mt19937 for the same
/// seed. Elsewhere <see cref="RandomSource"/> is the better choice. Seeding costs 624 steps, and as many follow with the first number. One thread.
/// </summary>
public sealed class MersenneTwister
{
    private const int Size = 624;
    private const int Shift = 397;

    private readonly uint[] _state = new uint[Size];
    private int _next;

    /// <summary>Starts the sequence of a seed.</summary>
    public void Seed(uint seed)
    {
        _state[0] = seed;
        for (var i = 1; i < Size; i++)
            _state[i] = 1812433253 * (_state[i - 1] ^ (_state[i - 1] >> 30)) + (uint)i;
        _next = Size;
    }

    /// <summary>32 uniform bits.</summary>
    public uint Next()
    {
        if (_next == Size)
            Twist();
        var value = _state[_next++];
        value ^= value >> 11;
        value ^= (value << 7) & 0x9D2C5680;
        value ^= (value << 15) & 0xEFC60000;
        return value ^ (value >> 18);
    }

    private void Twist()
    {
        for (var i = 0; i < Size; i++)
        {
            var joined = (_state[i] & 0x80000000) | (_state[(i + 1) % Size] & 0x7FFFFFFF);
            _state[i] = _state[(i + Shift) % Size] ^ (joined >> 1) ^ ((joined & 1) * 0x9908B0DF);
        }
        _next = 0;
    }
}
