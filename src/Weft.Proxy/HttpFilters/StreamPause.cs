namespace Weft.Proxy.HttpFilters;

/// <summary>One side of a stream that a filter holds up, once however often it asks. For filters that wait for somebody; worker thread.</summary>
/// <param name="isRequest">Which side.</param>
internal struct StreamPause(bool isRequest)
{
    private bool _isPaused;

    public void Pause(IHttpStream stream)
    {
        if (_isPaused)
            return;
        _isPaused = true;
        if (isRequest)
            stream.PauseRequest();
        else
            stream.PauseResponse();
    }

    public void Unpause(IHttpStream stream)
    {
        if (!_isPaused)
            return;
        _isPaused = false;
        if (isRequest)
            stream.ResumeRequest();
        else
            stream.ResumeResponse();
    }

    /// <summary>The stream is over: its response needs no resuming any more.</summary>
    public void ForgetResponse() => _isPaused &= isRequest;
}
