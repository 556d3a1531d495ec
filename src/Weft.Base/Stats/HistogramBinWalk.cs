namespace Weft.Base.Stats;

/// <summary>Walks the bins that hold values, keeping count of what lies below and up to the present one.</summary>
internal ref struct HistogramBinWalk(HistogramData data)
{
    private int _decade = -1;
    private int _bin = HistogramBins.BinsPerDecade - 1;
    private double _below;
    private double _upTo;

    public double Lower { get; private set; }

    public double Width { get; private set; }

    public long Count { get; private set; }

    public bool MoveNext()
    {
        if (_decade < 0 && Count == 0 && data.Zeros > 0)
            return Enter(0, 0, data.Zeros);
        while (true)
        {
            if (++_bin == HistogramBins.BinsPerDecade)
            {
                do
                {
                    if (++_decade >= HistogramBins.DecadeCount)
                    {
                        _decade = HistogramBins.DecadeCount;
                        _bin = HistogramBins.BinsPerDecade - 1;
                        return false;
                    }
                }
                while (!data.HasDecade(_decade));
                _bin = 0;
            }

            if (data[_decade, _bin] is > 0 and var count)
                return Enter(HistogramBins.LowerBound(_decade, _bin), HistogramBins.Width(_decade), count);
        }
    }

    /// <summary>The value below which <paramref name="rank"/> values lie; ranks must not descend from call to call.</summary>
    public double Interpolate(double rank)
    {
        while (_upTo < rank && MoveNext())
        {
        }

        if (rank <= _below)
            return Lower;
        return rank >= _upTo ? Lower + Width : Lower + ((rank - _below) / (_upTo - _below) * Width);
    }

    private bool Enter(double lower, double width, long count)
    {
        (Lower, Width, Count) = (lower, width, count);
        _below = _upTo;
        _upTo += count;
        return true;
    }
}
