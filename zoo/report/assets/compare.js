// The comparison of runs: its charts.

const { epochs, curves: charts } = JSON.parse(document.getElementById("data").textContent);
curves(document.body, { epochs, charts });
repaintOnChange();
