namespace Weft.Proxy.XdsClient.Grpc;

/// <summary>
/// Which of a source's management servers is asked next. The second only while the first has never answered and has failed twice in a row; then
/// both in turn. Once the first has answered it alone is asked. Main thread.
/// </summary>
/// <param name="count">1 or 2.</param>
internal sealed class ServerChoice(int count)
{
    private const int MaxFailures = 2;

    private int _failures;
    private int? _lastToAnswer;
    private bool _hasFirstAnswered;

    /// <summary>The index of the one that is asked now.</summary>
    public int Current { get; private set; }

    /// <summary>What is known is from the one that is asked now, or there is nothing known.</summary>
    public bool IsKnown => _lastToAnswer is null || _lastToAnswer == Current;

    public void OnAnswer()
    {
        _lastToAnswer = Current;
        if (Current > 0)
            return;
        (_hasFirstAnswered, _failures) = (true, 0);
    }

    /// <summary>The stream was lost, or could not be opened.</summary>
    public void OnLost()
    {
        if (Current > 0)
            Current = 0;
        else if (count > 1 && !_hasFirstAnswered && ++_failures >= MaxFailures)
            Current = 1;
    }
}
