namespace Weft.Xds.Client;

/// <summary>
/// Names that a stream has asked for, of a type whose responses hold all there is of them: which of them a response speaks for. One that was on its way when a
/// name was asked for says nothing of it. One thread.
/// </summary>
internal sealed class NamedQuestions
{
    /// <summary>The question that a response has answered.</summary>
    private const int Answered = 0;

    /// <summary>The number of the request that named it first.</summary>
    private readonly Dictionary<string, int> _questions = new(StringComparer.Ordinal);
    private int _last;

    /// <summary>A name was asked for.</summary>
    public bool HasAny => _last > 0;

    /// <summary>A request names these and no others.</summary>
    public void Ask(IReadOnlyCollection<string> names)
    {
        foreach (var gone in _questions.Keys.Where(name => !names.Contains(name)).ToArray())
            _questions.Remove(gone);
        var next = _last + 1;
        foreach (var name in names)
        {
            if (!XdsTpName.IsCollection(name) && _questions.TryAdd(name, next))
                _last = next;
        }
    }

    /// <summary>The names of which a response says that there is nothing.</summary>
    /// <param name="names">Those that are still wanted.</param>
    /// <param name="isAnswer">It answers the earliest request that was not answered, rather than to tell of a change.</param>
    /// <param name="has">Whether the name is in it.</param>
    public IReadOnlyList<string> Missing(IReadOnlyCollection<string> names, bool isAnswer, Func<string, bool> has)
    {
        var open = _questions.Values.Where(static question => question != Answered).DefaultIfEmpty(Answered).Min();
        var missing = new List<string>();
        foreach (var name in names)
        {
            if (!_questions.TryGetValue(name, out var question))
                continue;
            var isHere = has(name);
            if (isHere || (isAnswer && question == open))
                _questions[name] = question = Answered;
            if (!isHere && question == Answered)
                missing.Add(name);
        }

        return missing;
    }

    /// <summary>Another stream begins.</summary>
    public void Clear()
    {
        _questions.Clear();
        _last = 0;
    }
}
