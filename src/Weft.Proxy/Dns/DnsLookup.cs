using System.Net;
using Weft.Net;

namespace Weft.Proxy.Dns;

/// <summary>
/// One call of <see cref="DnsResolver.Resolve"/> that needs servers: the names of the search list in turn, for each the
/// record types of the family, until one has addresses. Main thread.
/// </summary>
internal sealed class DnsLookup(
    EventLoop loop, DnsServers servers, IReadOnlyList<DnsName> names, DnsLookupFamily family, DnsStats stats, Action<DnsResult> callback) : IDisposable
{
    private readonly List<DnsQuery> _running = [];
    private readonly List<IPAddress> _found = [];
    private int _nameIndex;
    private int _typesLeft;
    private uint _ttlSeconds = uint.MaxValue;
    private bool _hasFailure;
    private bool _hasTimeout;
    private string? _error;
    private bool _isOver;

    private DnsRecordType FirstType => family is DnsLookupFamily.Auto or DnsLookupFamily.V6Only ? DnsRecordType.Aaaa : DnsRecordType.A;

    private DnsRecordType SecondType => FirstType == DnsRecordType.A ? DnsRecordType.Aaaa : DnsRecordType.A;

    public void Start()
    {
        if (!_isOver)
            AskNext();
    }

    public void Dispose()
    {
        _isOver = true;
        foreach (var query in _running)
            query.Dispose();
        _running.Clear();
    }

    private void AskNext()
    {
        if (family == DnsLookupFamily.All)
        {
            _typesLeft = 0;
            Ask(DnsRecordType.A, DnsRecordType.Aaaa);
        }
        else
        {
            _typesLeft = family is DnsLookupFamily.V4Only or DnsLookupFamily.V6Only ? 0 : 1;
            Ask(FirstType);
        }
    }

    private void Ask(params ReadOnlySpan<DnsRecordType> types)
    {
        var first = _running.Count;
        foreach (var type in types)
        {
            DnsQuery? query = null;
            query = new DnsQuery(loop, servers, names[_nameIndex], type, stats, result => OnAnswer(query!, type, result));
            _running.Add(query);
        }
        // A query may end from within its start, and with it this look-up.
        foreach (var query in _running[first..])
            query.Start();
    }

    private void OnAnswer(DnsQuery query, DnsRecordType type, in DnsQueryResult result)
    {
        _running.Remove(query);
        if (result.Status == DnsQueryStatus.Addresses)
        {
            _found.InsertRange(type == DnsRecordType.A ? 0 : _found.Count, result.Addresses);
            _ttlSeconds = Math.Min(_ttlSeconds, result.TtlSeconds);
        }
        else
        {
            _hasFailure |= result.Status is DnsQueryStatus.Failed or DnsQueryStatus.TimedOut;
            _hasTimeout |= result.Status == DnsQueryStatus.TimedOut;
            _error ??= result.Error;
        }
        if (_running.Count == 0 && !_isOver)
            OnTypesAnswered();
    }

    private void OnTypesAnswered()
    {
        if (_found.Count > 0)
            Finish(new DnsResult(true, _found, _ttlSeconds, null));
        else if (_typesLeft > 0)
            AskSecondType();
        // Servers that time out would do so for every name of the search list.
        else if (!_hasTimeout && ++_nameIndex < names.Count)
            AskNext();
        else
            Finish(new DnsResult(!_hasFailure, [], 0, _error));
    }

    private void AskSecondType()
    {
        _typesLeft = 0;
        Ask(SecondType);
    }

    private void Finish(DnsResult result)
    {
        _isOver = true;
        callback(result);
    }
}
