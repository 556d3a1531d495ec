namespace Weft.Config.Support;

/// <summary>
/// Which fields of which messages Weft implements, from the files in <c>Support/</c>. Immutable; safe for use from several threads.
/// <code>
/// envoy.config.listener.v3.Listener
///     + name address filter_chains          implemented
///     + drain_type=DEFAULT|MODIFY_ONLY      implemented, for these values only
///     ~ traffic_direction  # remark         accepted without effect, noted once
/// </code>
/// A field that is not named is refused when it is set; so is a message that is not named, at the field that holds it.
/// </summary>
internal sealed class SupportTable
{
    private static readonly Lazy<SupportTable> Loaded = new(LoadAll);

    private readonly Dictionary<string, MessageSupport> _messages = [];

    internal static SupportTable Default => Loaded.Value;

    internal IEnumerable<MessageSupport> Messages => _messages.Values;

    internal MessageSupport? Find(string fullName) => _messages.GetValueOrDefault(fullName);

    /// <summary>Adds the lines of one table.</summary>
    internal void Add(string file, IEnumerable<string> lines)
    {
        MessageSupport? message = null;
        foreach (var line in lines)
        {
            if (line.Length == 0 || line[0] == '#') continue;
            if (line[0] != ' ') message = AddMessage(line.Trim(), file);
            else AddFields(message ?? throw new FormatException($"{file}: fields before the first message"), line);
        }
    }

    private MessageSupport AddMessage(string fullName, string file)
    {
        var message = new MessageSupport(fullName, file);
        if (!_messages.TryAdd(fullName, message)) throw new FormatException($"{fullName} stands twice in the support tables");
        return message;
    }

    private static void AddFields(MessageSupport message, string line)
    {
        var remark = "";
        var hash = line.IndexOf('#');
        if (hash >= 0) (line, remark) = (line[..hash], line[(hash + 1)..].Trim());
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0) return;
        var status = SupportSign.Parse(words[0]);
        foreach (var word in words.AsSpan(1))
        {
            var parts = word.Split('=');
            message.Add(new FieldSupport(parts[0], status, parts.Length > 1 ? parts[1].Split('|') : [], remark));
        }
    }

    private static SupportTable LoadAll()
    {
        var table = new SupportTable();
        foreach (var name in Resources.Names("Support/"))
        {
            var file = name["Support/".Length..^".txt".Length];
            if (file is not ("extensions" or "replacements")) table.Add(file, Resources.Lines(name));
        }

        return table;
    }
}
