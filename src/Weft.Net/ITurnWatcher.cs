namespace Weft.Net;

/// <summary>Hears how long the turns of a loop take. Loop thread.</summary>
public interface ITurnWatcher
{
    /// <summary>A turn is over.</summary>
    /// <param name="durationUs">What it took to handle everything that had happened.</param>
    /// <param name="lateUs">By how much the wait before it lasted longer than the loop wanted to wait; 0 when something happened in time.</param>
    void OnTurn(long durationUs, long lateUs);
}
