using Weft.Http;
using Weft.Proxy.Streams;
using Weft.Proxy.Workers;

namespace Weft.Proxy.HttpFilters.Discovered;

/// <summary>Answers in the place of a filter whose configuration has not come: 500, flag NFCF.</summary>
internal sealed class MissingFilterFactory : HttpFilterFactory
{
    public override bool IsTerminal => true;

    public override HttpFilter Create(Worker worker) => new MissingFilter();

    private sealed class MissingFilter : HttpFilter
    {
        public override FilterStatus OnRequestHeaders(HeaderMap headers, bool endStream)
        {
            Stream.SendLocalReply(500, [], "", ResponseFlags.NoFilterConfigFound);
            return FilterStatus.Ended;
        }
    }
}
